import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plain, TestKernel } from "../client.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

const types = (published: readonly { header: { msg_type: string } }[]) =>
  published.map((message) => message.header.msg_type);

describe("a cell", () => {
  test("publishes busy, its input, its result and idle, in this order", async () => {
    const { published, reply, result } = await kernel.run("6 * 7");
    expect(types(published)).toEqual(["status", "execute_input", "execute_result", "status"]);
    expect(result).toBe("42");
    expect(reply.content).toMatchObject({ status: "ok", user_expressions: {}, payload: [] });
    expect(published[1]!.content).toMatchObject({ code: "6 * 7", execution_count: reply.content.execution_count });
  });

  test("shows no result when its last expression is undefined, and null when it is null", async () => {
    expect((await kernel.run("undefined")).result).toBeUndefined();
    expect((await kernel.run("const y = 3;")).result).toBeUndefined();
    expect((await kernel.run("null")).result).toBe("null");
  });

  test("streams stdout and stderr in the order of printing", async () => {
    const { stdout, stderr, published } = await kernel.run(
      `console.log("one"); console.error("two"); console.log("three");`,
    );
    expect(stdout).toBe("one\nthree\n");
    expect(stderr).toBe("two\n");
    const streams = published.filter((message) => message.header.msg_type === "stream");
    expect(streams.map((message) => message.content.text)).toEqual(["one\n", "two\n", "three\n"]);
  });

  test("loses no line of five thousand", async () => {
    const { stdout } = await kernel.run("for (let i = 0; i < 5000; i++) console.log(i)");
    expect(stdout).toBe(Array.from({ length: 5000 }, (_, i) => `${i}\n`).join(""));
  });

  test("awaits at its top level", async () => {
    const { result } = await kernel.run(`
      const later = <T>(value: T) => new Promise<T>((resolve) => setTimeout(resolve, 5, value));
      async function* count() { for (let i = 0; i < 3; i++) yield await later(i); }
      let sum = 0;
      for await (const i of count()) sum += i;
      sum + await later(10)`);
    expect(result).toBe("13");
  });

  test("shares its variables with later cells, which may redeclare them", async () => {
    await kernel.run("let shared = 1; const fixed = [1, 2]; const bump = () => ++shared;");
    expect((await kernel.run("shared = 10; bump(); ({ shared, fixed })")).result).toBe(
      "{ shared: 11, fixed: [ 1, 2 ] }",
    );
    expect((await kernel.run(`const shared = "text"; shared.toUpperCase()`)).result).toBe("'TEXT'");
    expect((await kernel.run("bump()")).result).toBe("12");
    expect((await kernel.run("shared")).result).toBe("'text'");
  });

  test("may use names that begin with underscores, modern syntax and the export keyword", async () => {
    const { result } = await kernel.run(`
      export class Counter { #count = 0; up() { return ++this.#count } static { } }
      const __private = new Counter();
      [1, 2, 3].at(-1)! + __private.up() + structuredClone({ a: 1 }).a`);
    expect(result).toBe("5");
    expect((await kernel.run("__private.up()")).result).toBe("2");
  });

  test("keeps what was assigned before it threw, and what had been there before", async () => {
    await kernel.run("const before = 1;");
    await kernel.run(`const kept = 5; const before = fail(); function fail(): string { throw new Error("no") }`);
    expect((await kernel.run("kept + before")).result).toBe("6");
  });

  test("that failed leaves nothing declared that it did not define", async () => {
    await kernel.run("const imported = 'five';");
    await kernel.run(`import { imported } from "./missing.mjs";\nfunction never() { return 1 }`, {
      stop_on_error: false,
    });
    expect((await kernel.run("imported.length")).result).toBe("4");
    expect((await kernel.run("never()")).reply.content.ename).toBe("TypeScriptError");
    await kernel.run("throw new Error('x'); function hoisted() { return 1 } namespace Unmade { export const a = 1 }");
    expect((await kernel.run("hoisted()")).result).toBe("1");
    expect((await kernel.run("Unmade.a")).reply.content.ename).toBe("TypeScriptError");
  });

  test("is not counted when it is silent, and publishes nothing of itself", async () => {
    const first = await kernel.run("1");
    expect(types((await kernel.run("2", { silent: true })).published)).toEqual(["status", "status"]);
    const silent = await kernel.run("2; throw new Error('quiet')", { silent: true });
    expect(types(silent.published)).toEqual(["status", "status"]);
    const next = await kernel.run("3");
    expect(next.reply.content.execution_count).toBe(first.reply.content.execution_count + 1);
  });

  test("evaluates user expressions, each with its own result or error", async () => {
    const { reply } = await kernel.run("const u = 20;", {
      user_expressions: { twice: "u * 2", bad: "nowhere", thrown: "(() => { throw new RangeError('x') })()" },
    });
    const { twice, bad, thrown } = reply.content.user_expressions;
    expect(twice).toMatchObject({ status: "ok", data: { "text/plain": "40" } });
    expect(bad).toMatchObject({ status: "error", ename: "TypeScriptError" });
    expect(thrown).toMatchObject({ status: "error", ename: "RangeError", evalue: "x" });
  });
});

describe("errors", () => {
  test("of types are shown with line and caret before anything runs", async () => {
    const { reply, stdout } = await kernel.run(`console.log("never");\nconst n: number = "text";`);
    expect(stdout).toBe("");
    expect(reply.content).toMatchObject({ status: "error", ename: "TypeScriptError" });
    expect(plain(reply.content.traceback)).toContain(`, line 2\n    const n: number = "text";\n          ^`);
    expect(reply.content.evalue).toContain("'string' is not assignable to type 'number'");
  });

  test("carry the user's cell and line on top, whatever comes before it", async () => {
    const { reply, published } = await kernel.run(`interface Point { x: number }

// a comment
const p = { x: 1 } as Point;
function deep(point: Point): number {

  return (point as unknown as { y: { z: number } }).y.z;
}
await Promise.resolve();
deep(p);`);
    const count = reply.content.execution_count;
    const text = plain(reply.content.traceback);
    expect(reply.content.ename).toBe("TypeError");
    expect(text.split("\n")[0]).toBe(`Cell [${count}], line 7`);
    expect(text).toContain(`deep (Cell [${count}], line 7:`);
    expect(text).toContain(`Cell [${count}], line 10:`);
    expect(text).not.toMatch(/node:|gradbook:|dist\//);
    const error = published.find((message) => message.header.msg_type === "error");
    expect(error?.content).toMatchObject({ ename: "TypeError", traceback: reply.content.traceback });
  });

  test("keep their lines across cells and awaits", async () => {
    const { reply: defined } = await kernel.run(`

async function late() {
  await new Promise((resolve) => setTimeout(resolve, 1));
  throw new Error("late");
}`);
    const { reply } = await kernel.run("// first\nawait late();");
    const text = plain(reply.content.traceback);
    expect(text).toContain(`late (Cell [${defined.content.execution_count}], line 5:`);
    expect(text).toContain(`Cell [${reply.content.execution_count}], line 2:`);
  });

  test("speak of variables by the names they were given", async () => {
    await kernel.run("const notFunction: any = 3;");
    expect((await kernel.run("notFunction()")).reply.content.evalue).toBe("notFunction is not a function");
  });

  test("that only V8 finds in the text of a cell have their line", async () => {
    const { reply } = await kernel.run("const early = () => {\n  const q = /[b-a]/;\n};");
    expect(reply.content.ename).toBe("SyntaxError");
    expect(plain(reply.content.traceback)).toContain(
      `Cell [${reply.content.execution_count}], line 2\n      const q = /[b-a]/;\n                ^`,
    );
  });

  test("may be anything that is thrown, with its cause", async () => {
    expect((await kernel.run("throw 5")).reply.content).toMatchObject({ ename: "Thrown", evalue: "5" });
    const { reply } = await kernel.run(`throw new Error("outer", { cause: new Error("inner") })`);
    expect(plain(reply.content.traceback)).toMatch(/outer[\s\S]*Caused by:[\s\S]*inner/);
  });

  test("abort the requests behind them", async () => {
    const ids = [kernel.begin("throw new Error('stop')"), kernel.begin("1"), kernel.begin("2")];
    const replies = await Promise.all(ids.map((id) => kernel.reply(id)));
    expect(replies.map((reply) => reply.content.status)).toEqual(["error", "aborted", "aborted"]);
    expect((await kernel.run("3")).reply.content.status).toBe("ok");
  });

  test("do not abort when the request says so", async () => {
    const ids = [kernel.begin("throw new Error('go on')", { stop_on_error: false }), kernel.begin("1")];
    const replies = await Promise.all(ids.map((id) => kernel.reply(id)));
    expect(replies.map((reply) => reply.content.status)).toEqual(["error", "ok"]);
  });
});
