import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { beforeAll, describe, expect, test } from "vitest";
import type { NotebookLanguage as Language } from "../../src/session/service.ts";

// The built one: its ambient declarations stand beside it.
const built = new URL("../../dist/session/service.js", import.meta.url).href;
let language: Language;
beforeAll(async () => {
  const { NotebookLanguage } = (await import(built)) as { NotebookLanguage: typeof Language };
  language = new NotebookLanguage();
});

function compiled(code: string, declarations = "") {
  const result = language.compile(declarations, code);
  if ("problems" in result) throw new Error(result.problems.map((problem) => problem.message).join("\n"));
  return result;
}

describe("a source map", () => {
  test("leads every marked call back to its own line and column, whatever stands before it", () => {
    const code = `import { join } from "node:path";
import * as os from "node:os";

interface Shape<T> {
  value: T;
}
/* a long
   comment */ type Alias = Shape<number>;

const first: Alias = { value: mark(1) };
enum Colour { Red, Green }
declare function mark(n: number): number;

async function later(shape: Shape<number>): Promise<number> {

  await Promise.resolve(); return mark(2);
}
class Widget<T> { constructor(readonly value: T, private n = mark(3)) {} get number() { return mark(4) + this.n; } }
const { a = mark(5), ...rest } = { a: 1, b: 2 } as { a?: number; b: number };
for await (const x of [1]) { join("a"); mark(6); }
let text = \`\${mark(7)}
 and \${mark(8)}\`;
text satisfies string; mark(9) as number; os.cpus();
[rest].map((r) =>
  mark(10)
);`;
    const { program } = compiled(code);
    const map = new TraceMap(program.map);
    const places = (text: string) =>
      new Map(
        text
          .split("\n")
          .flatMap((line, index) =>
            [...line.matchAll(/mark\((\d+)\)/g)].map((match) => [match[1]!, [index + 1, match.index]] as const),
          ),
      );
    const written = places(code);
    const generated = places(program.code);
    expect([...generated.keys()].sort()).toEqual([...written.keys()].sort());
    for (const [number, [line, column]] of generated) {
      const original = originalPositionFor(map, { line: line!, column: column! });
      expect([number, [original.line, original.column]]).toEqual([number, written.get(number)]);
    }
  });
});

describe("declarations", () => {
  test("go from cell to cell, with a new one in place of an old one", () => {
    const one = compiled("const x = 1; interface P { a: number } function f(p: P) { return p.a; }");
    const two = compiled(`const x = "text"; const y = f({ a: 2 });`, one.declarations);
    expect(compiled("x.length + y", two.declarations).program.declares).toEqual([]);
    expect(language.compile(two.declarations, "x.toFixed()")).toHaveProperty("problems");
  });

  test("after a failed cell keep those of names that have no new value", () => {
    const before = "declare const a: number, b: string;\ndeclare class C {}\ntype T = 1;\ndeclare const f: 1;";
    const after = `import d, { e, f } from "x";
declare const a: boolean, fresh: number;
declare const set: Date;
declare function g(): void;
declare function h(): void;
declare namespace N { const x = 1; }
type U = 2;`;
    const narrowed = language.narrow(before, after, ["a", "fresh", "d", "f", "g", "N"]);
    expect(narrowed.replace(/\s+/g, " ")).toBe(
      `import { e } from "x"; declare const set: Date; declare function h(): void; type U = 2; declare const a: number; declare const f: 1;`,
    );
  });

  test("of namespaces and of globals stay until they are declared anew", () => {
    const cells = [
      "namespace NS { export const v = 1 }\ndeclare global { interface Array<T> { last2(): T } var gg: number }",
      "globalThis.gg = 4;",
      "const sum = NS.v + gg + [1].last2(); const short = { gg };",
    ];
    let declarations = "";
    let code = "";
    for (const cell of cells) {
      const result = compiled(cell, declarations);
      declarations = result.declarations;
      code = result.program.code;
    }
    expect(code).toContain("exports.NS.v + gg + [1].last2()");
    expect(code).not.toContain("exports.gg");
    const anew = compiled(`const NS = "text";`, declarations);
    expect(compiled("NS.length; gg.toFixed()", anew.declarations).program.declares).toEqual([]);
  });

  test("of globals may be changed by running their cell again", () => {
    const cell = (type: string) => `declare global { interface Array<T> { pick(): ${type} } var picked: ${type} }`;
    const other = compiled("declare global { interface Array<T> { other(): T } var kept: number }");
    const before = compiled(cell("number"), other.declarations);
    const { declarations } = compiled(cell("string"), before.declarations);
    compiled("[1].pick().length + picked.length + kept + [1].other().toFixed()", declarations);
    expect(compiled(cell("string"), declarations).declarations.length).toBe(declarations.length);
    expect(language.compile(declarations, "picked.toFixed()")).toHaveProperty("problems");
  });

  test("of interfaces do not get into the patterns that take their properties", () => {
    const { declarations } = compiled("interface P { a: number; c: number }\nconst p: P = { a: 1, c: 2 };");
    const { code } = compiled("const { a: b } = p; let d = 0; ({ c: d } = p);", declarations).program;
    expect(code).toContain("const { a: b } = exports.p");
    expect(code).not.toContain("exports.c");
  });

  test("of values whose types have no name outside their scope come as well as they can be written", () => {
    const { declarations } = compiled(`function local() { interface L { a: number } const l: L = { a: 1 }; return l }
const anonymous = new (class { private x = 1; y = 2; get z() { return this.x } })();
function Mix<T extends new (...a: any[]) => object>(Base: T) {
  return class extends Base { private p = 1; r = 3; get q() { return this.p } }
}
class Mixed extends Mix(Object) {}
const plain = 5;`);
    compiled("local().a + anonymous.y + new Mixed().r + plain", declarations);
    expect(language.compile(declarations, "plain.length")).toHaveProperty("problems");
  });
});

test("WebAssembly has its types", () => {
  const { program } = compiled(`const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const { instance } = await WebAssembly.instantiate(bytes);
const memory = new WebAssembly.Memory({ initial: 1 });
new WebAssembly.Instance(await WebAssembly.compile(bytes), {}).exports.main; memory.buffer.byteLength;`);
  expect(program.declares).toEqual(["bytes", "instance", "memory"]);
});

test("a cell nested too deeply for the compiler fails alone", () => {
  const deep = `const deep = ${"[".repeat(30_000)}${"]".repeat(30_000)};`;
  expect(() => compiled(deep)).toThrow("call stack");
  expect(compiled("const fine = 1;").program.declares).toEqual(["fine"]);
  expect(() => language.complete("", deep, 5)).toThrow("call stack");
  expect(language.complete("", "Math.ma", 7).candidates).toHaveLength(1);
});

describe("completion", () => {
  const complete = (marked: string, declarations = "") => {
    const cursor = marked.indexOf("¦");
    const code = marked.replace("¦", "");
    const { start, end, candidates } = language.complete(declarations, code, cursor);
    return { replaced: code.slice(start, end), names: candidates.map(({ name }) => name), candidates };
  };

  test("knows earlier cells and kinds, and keeps internal names to itself", () => {
    const { declarations } = compiled("const measured = 1; function measure() {}");
    const { replaced, candidates } = complete("meas¦", declarations);
    expect(replaced).toBe("meas");
    expect(candidates.slice(0, 2)).toEqual([
      { name: "measure", kind: "function" },
      { name: "measured", kind: "const" },
    ]);
    expect(complete("¦", declarations).names.filter((name) => /tslab|tsLastExpr/.test(name))).toEqual([]);
    expect(complete("Math.ma¦").names).toEqual(["max"]);
  });

  test("finishes the names of modules, closed or not", () => {
    expect(complete(`import * as fs from "node:fs¦`)).toMatchObject({
      replaced: "node:fs",
      names: ["node:fs", "node:fs/promises"],
    });
    expect(complete(`import {} from "node:fs/p¦"`)).toMatchObject({ replaced: "p", names: ["promises"] });
    expect(complete(`const m = await import("./package.j¦");`)).toMatchObject({ replaced: "package.j" });
    expect(complete(`import {} from "@gradbook/w¦";`)).toMatchObject({ replaced: "w", names: ["widgets"] });
  });

  test("finishes texts of which a type knows the choices", () => {
    const code = `const light: { colour: "red" | "green" } = { colour: "r¦" };`;
    expect(complete(code)).toMatchObject({ replaced: "r", names: ["red"] });
  });
});

describe("problems", () => {
  const problems = (code: string) => {
    const result = language.compile("", code);
    return "problems" in result ? result.problems : [];
  };

  test("are strict, and name their place", () => {
    expect(problems("const f = (x) => x;")).toMatchObject([{ line: 0, column: 11, length: 1, code: 7006 }]);
    expect(problems("let s: string | undefined;\ns = undefined;\ns.length;")).toMatchObject([{ line: 2, column: 0 }]);
  });

  test("are only those of syntax when there are any, and lie within the cell", () => {
    expect(problems("const a = [")).toMatchObject([{ line: 0, column: 11, length: 1 }]);
  });

  test("put the details of one error together", () => {
    const [problem, ...others] = problems("const p: { a: { b: string } } = { a: { b: 1 } as { b: number } };");
    expect(others).toEqual([]);
    expect(problem!.message.split("\n").length).toBeGreaterThan(1);
  });
});
