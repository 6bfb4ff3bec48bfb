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

  test("after a failed cell keep those of variables that have no new value", () => {
    const before = "declare const a: number, b: string;\ndeclare class C {}\ntype T = 1;";
    const after =
      "declare const a: boolean, fresh: number;\ndeclare const set: Date;\ndeclare function g(): void;\ntype U = 2;";
    const narrowed = language.narrow(before, after, ["set"]);
    expect(narrowed.replace(/\s+/g, " ")).toBe(
      "declare const set: Date; declare function g(): void; type U = 2; declare const a: number;",
    );
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
