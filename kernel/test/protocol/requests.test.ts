import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Codec } from "../../src/wire/frames.ts";
import { TestKernel } from "../client.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

describe("the kernel", () => {
  test("says that it speaks TypeScript and protocol 5.4, on both channels", async () => {
    for (const channel of ["shell", "control"] as const) {
      const { header, content } = await kernel.request(channel, "kernel_info_request", {});
      expect(header.msg_type).toBe("kernel_info_reply");
      expect(content).toMatchObject({ status: "ok", protocol_version: "5.4", language_info: { name: "typescript" } });
    }
  });

  test("drops messages that are not signed with its key, without an answer", async () => {
    const stranger = new Codec({ key: "another key", signature_scheme: "hmac-sha256" });
    const id = kernel.send("shell", "kernel_info_request", {}, { codec: stranger });
    await kernel.request("shell", "kernel_info_request", {});
    expect(kernel.publishedUnder(id)).toEqual([]);
    await expect(kernel.reply(id, 100)).rejects.toThrow();
  });

  test("answers a heartbeat", async () => {
    expect(await kernel.beats()).toBe(true);
  });

  test("refuses an execute_request without code", async () => {
    expect((await kernel.request("shell", "execute_request", {})).content.status).toBe("error");
  });

  test("knows no comms and closes one with an unknown target", async () => {
    expect((await kernel.request("shell", "comm_info_request", {})).content).toEqual({ status: "ok", comms: {} });
    const id = kernel.send("shell", "comm_open", { comm_id: "c1", target_name: "nobody", data: {} });
    expect((await kernel.message(id, "comm_close")).content).toMatchObject({ comm_id: "c1" });
  });
});

describe("is_complete", () => {
  const cases: [code: string, answer: object][] = [
    ["1 + 1", { status: "complete" }],
    ["function f() {\n  return 1;\n}", { status: "complete" }],
    ["for (const x of [1, 2]) {", { status: "incomplete", indent: "  " }],
    ["  if (true) {\n    f(", { status: "incomplete", indent: "      " }],
    ["const text = `one", { status: "incomplete", indent: "" }],
    ["/* a comment", { status: "incomplete", indent: "" }],
    ["const a = ", { status: "incomplete", indent: "" }],
    ["const a = )", { status: "invalid" }],
    ["const text = 'one", { status: "invalid" }],
  ];
  for (const [code, answer] of cases)
    test(`${JSON.stringify(code)} is ${JSON.stringify(answer)}`, async () => {
      expect((await kernel.request("shell", "is_complete_request", { code })).content).toEqual(answer);
    });
});

describe("completion", () => {
  const complete = async (code: string, cursor_pos = [...code].length) =>
    (await kernel.request("shell", "complete_request", { code, cursor_pos })).content;

  test("knows members, globals and variables of earlier cells", async () => {
    await kernel.run("const weather = { temperature: 21, wind: 'west' };");
    expect(await complete("weather.te")).toMatchObject({ matches: ["temperature"], cursor_start: 8, cursor_end: 10 });
    expect((await complete("weat")).matches).toContain("weather");
    expect((await complete("console.lo")).matches).toContain("log");
    expect((await complete("displ")).matches).toContain("display");
  });

  test("counts the cursor in code points", async () => {
    const answer = await complete("'😀😀'; weather.wi");
    expect(answer).toMatchObject({ matches: ["wind"], cursor_start: 14, cursor_end: 16 });
  });
});

describe("inspection", () => {
  const inspect = async (code: string, cursor_pos: number, detail_level = 0) =>
    (await kernel.request("shell", "inspect_request", { code, cursor_pos, detail_level })).content;

  test("shows type and documentation of a name, and of the function whose arguments the cursor is in", async () => {
    await kernel.run("/** Adds up.\n * @param a the first */\nfunction add(a: number, b: number) { return a + b }");
    for (const [code, cursor] of [
      ["add(1, 2)", 1],
      ["add", 3],
      ["add(1, ", 7],
    ] as const) {
      const answer = await inspect(code, cursor);
      expect(answer).toMatchObject({ status: "ok", found: true });
      expect(answer.data["text/plain"]).toContain("function add(a: number, b: number): number");
      expect(answer.data["text/plain"]).toContain("Adds up.");
      expect(answer.data["text/plain"]).not.toContain("the first");
    }
    expect((await inspect("add", 3, 1)).data["text/plain"]).toContain("@param a the first");
  });

  test("finds nothing where nothing is", async () => {
    expect(await inspect("   ", 1)).toEqual({ status: "ok", found: false, data: {}, metadata: {} });
    expect(await inspect("unheardOf", 3)).toEqual({ status: "ok", found: false, data: {}, metadata: {} });
  });
});
