import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestKernel } from "../client.ts";
import { partOf, runs } from "../faults/processes.ts";

describe("a runtime that dies", () => {
  let kernel: TestKernel;
  beforeAll(async () => {
    kernel = await TestKernel.start({ env: { NODE_OPTIONS: "--max-old-space-size=300" } });
  });
  afterAll(() => kernel.stop());

  const deaths = {
    "process.exit": ["console.log('last words'); process.exit(3);", /process\.exit\(3\)/],
    "a signal": ["console.log('last words'); process.kill(process.pid, 'SIGSEGV'); while (true) {}", /SIGSEGV/],
    "lack of memory": [
      "console.log('last words'); const hoard: object[] = []; for (;;) hoard.push(new Array(1e5).fill({}));",
      /out of memory/,
    ],
  } as const;
  for (const [what, [code, why]] of Object.entries(deaths))
    test(`by ${what} fails its cell, loses no output, and is replaced without its variables`, async () => {
      await kernel.run("const before = 1;");
      const { reply, stdout } = await kernel.run(code);
      expect(stdout).toBe("last words\n");
      expect(reply.content).toMatchObject({ status: "error", ename: "RuntimeDied" });
      expect(reply.content.evalue).toMatch(why);
      expect(reply.content.evalue).toContain("variables are gone");
      expect((await kernel.run("before")).reply.content.ename).toBe("TypeScriptError");
      expect((await kernel.run("1 + 1")).result).toBe("2");
    });
});

describe("a runtime that dies between cells", () => {
  test("says so under the cell that ran last, in words and for programs", async () => {
    const kernel = await TestKernel.start();
    const id = kernel.begin("const lost = 1; setTimeout(() => process.exit(4), 100);");
    await kernel.end(id);
    await kernel.until(() => kernel.publishedUnder(id).some(({ metadata }) => metadata.uncaught));
    const told = kernel.publishedUnder(id).find(({ metadata }) => metadata.uncaught)!;
    expect(told.content).toMatchObject({ name: "stderr", text: expect.stringContaining("variables are gone") });
    expect(told.metadata.uncaught).toMatchObject([{ ename: "RuntimeDied" }]);
    expect((await kernel.run("lost")).reply.content.ename).toBe("TypeScriptError");
    await kernel.stop();
  });
});

describe("a language process that dies", () => {
  test("fails at most one cell, keeps the variables with their types, and is replaced", async () => {
    const kernel = await TestKernel.start();
    await kernel.run("const kept: number = 41;");
    process.kill(await partOf(kernel.process.pid!, "language"), "SIGKILL");
    await kernel.run("0");
    expect((await kernel.run("kept + 1")).result).toBe("42");
    expect((await kernel.run("kept.length")).reply.content.ename).toBe("TypeScriptError");
    await kernel.stop();
  });
});

describe("a kernel", () => {
  test("answers a shutdown request, with its restart flag, and ends with its children", async () => {
    const kernel = await TestKernel.start();
    const { result } = await kernel.run("process.pid");
    const gone = once(kernel.process, "exit");
    const reply = await kernel.request("control", "shutdown_request", { restart: true });
    expect(reply.content).toEqual({ status: "ok", restart: true });
    expect((await gone)[0]).toBe(0);
    await expect.poll(() => runs(Number(result)), { timeout: 30_000 }).toBe(false);
    await kernel.stop();
  });
});
