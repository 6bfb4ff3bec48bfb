import { afterAll, beforeAll, expect, test } from "vitest";
import { TestKernel } from "../client.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

const create = async () =>
  (await kernel.request("control", "create_subshell_request", {})).content.subshell_id as string;
const list = async () => (await kernel.request("control", "list_subshell_request", {})).content.subshell_id;
const remove = (subshell_id: string) => kernel.request("control", "delete_subshell_request", { subshell_id });

test("subshells are offered, made, listed and deleted", async () => {
  const { content } = await kernel.request("control", "kernel_info_request", {});
  expect(content.supported_features).toContain("kernel subshells");
  const [one, two] = [await create(), await create()];
  expect(await list()).toEqual([one, two]);
  expect((await remove(one)).content).toEqual({ status: "ok" });
  expect(await list()).toEqual([two]);
  await remove(two);
  expect((await remove(two)).content).toMatchObject({ status: "error", evalue: expect.stringContaining("not found") });
});

test("a subshell's cell runs while the main shell's cell awaits, and both share variables", async () => {
  const subshell = await create();
  await kernel.run("let release = () => {}; let turns = 0;");
  const main = kernel.begin(
    "await new Promise<void>((resolve) => { release = resolve }); const after = turns * 2; after",
  );
  const beside = await kernel.end(
    kernel.begin("turns = 21; const fromSubshell: string = 'hello'; turns", {}, {}, subshell),
  );
  expect(beside.result).toBe("21");
  await kernel.end(kernel.begin("release()", {}, {}, subshell));
  expect((await kernel.end(main)).result).toBe("42");
  // What both have declared is known, with its type, whichever ended last.
  expect((await kernel.run("fromSubshell.length + after")).result).toBe("47");
  await remove(subshell);
});

test("each shell keeps its order, its counts and its output", async () => {
  const subshell = await create();
  const main = kernel.begin("await new Promise((resolve) => setTimeout(resolve, 300)); console.log('main'); 'm'");
  const ids = [1, 2, 3].map((i) => kernel.begin(`console.log("sub ${i}"); ${i}`, {}, {}, subshell));
  const subs = await Promise.all(ids.map((id) => kernel.end(id)));
  const first = await kernel.end(main);
  expect(subs.map(({ stdout, result }) => [stdout, result])).toEqual([
    ["sub 1\n", "1"],
    ["sub 2\n", "2"],
    ["sub 3\n", "3"],
  ]);
  expect(first).toMatchObject({ stdout: "main\n", result: "'m'" });
  const counts = [first, ...subs].map(({ reply, published }) => {
    const result = published.find(({ header }) => header.msg_type === "execute_result")!;
    expect(result.content.execution_count).toBe(reply.content.execution_count);
    return reply.content.execution_count as number;
  });
  expect(new Set(counts).size).toBe(4);
  await remove(subshell);
});

test("an error in one shell aborts what is queued there and nothing elsewhere", async () => {
  const subshell = await create();
  const main = kernel.begin("await new Promise((resolve) => setTimeout(resolve, 200)); 'fine'");
  const behind = kernel.begin("'behind'");
  const failing = kernel.begin("throw new Error('here')", {}, {}, subshell);
  const aborted = kernel.begin("1", {}, {}, subshell);
  expect((await kernel.end(failing)).reply.content.status).toBe("error");
  expect((await kernel.end(aborted)).reply.content.status).toBe("aborted");
  expect((await kernel.end(main)).result).toBe("'fine'");
  expect((await kernel.end(behind)).result).toBe("'behind'");
  await remove(subshell);
});

test("an interrupt ends the cells of all shells", async () => {
  const subshell = await create();
  const ids = [
    kernel.begin("await new Promise(() => {})"),
    kernel.begin("await new Promise(() => {})", {}, {}, subshell),
  ];
  for (const id of ids) await kernel.message(id, "execute_input");
  await new Promise((resolve) => setTimeout(resolve, 200));
  await kernel.interrupt();
  for (const id of ids) expect((await kernel.end(id)).reply.content.ename).toBe("KeyboardInterrupt");
  expect((await kernel.end(kernel.begin("1 + 1", {}, {}, subshell))).result).toBe("2");
  await remove(subshell);
});

test("what two shells declare at the same time stays, with its types, also where they contradict each other", async () => {
  const subshell = await create();
  await kernel.run("let both: number = 1; let go = () => {};");
  const main = kernel.begin(
    "const fromMain = both.toFixed(1); interface Found { n: number } await new Promise<void>((resolve) => { go = resolve });",
  );
  await kernel.end(kernel.begin(`let both = "text"; const fromSub = 10;`, {}, {}, subshell));
  await kernel.end(kernel.begin("go()", {}, {}, subshell));
  await kernel.end(main);
  expect((await kernel.run("[both.length, fromSub + 1, fromMain.length, ({ n: 1 } as Found).n]")).result).toBe(
    "[ 4, 11, 3, 1 ]",
  );
  await remove(subshell);
});

test("a cell of a subshell that is deleted goes on, and may ask", async () => {
  const subshell = await create();
  const id = kernel.begin(
    `await new Promise((resolve) => setTimeout(resolve, 400)); prompt("still there?")`,
    { allow_stdin: true },
    {},
    subshell,
  );
  await kernel.message(id, "execute_input");
  await remove(subshell);
  expect(await list()).toEqual([]);
  await kernel.question("yes");
  expect((await kernel.end(id)).result).toBe("'yes'");
});

test("a request for a subshell that is not there is refused", async () => {
  const { reply } = await kernel.end(kernel.begin("1", {}, {}, "nowhere"));
  expect(reply.content).toMatchObject({ status: "error", evalue: expect.stringContaining("create_subshell_request") });
});
