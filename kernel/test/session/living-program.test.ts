import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { NotebookLanguage as Language } from "../../src/session/service.ts";

// The built one: its ambient declarations stand beside it.
const built = new URL("../../dist/session/service.js", import.meta.url).href;
const { NotebookLanguage } = (await import(built)) as { NotebookLanguage: typeof Language };

const name = fc.constantFrom("a", "b", "c", "__d", "E");
const number = fc.integer({ min: 0, max: 9 });
const value = fc.oneof(
  number.map(String),
  fc.constantFrom(`"text"`, "[1, 2]", "{ p: 1, q: [new Date(0)] }", "new Map<string, number>()", "null", "1n", "/x/g"),
  fc.constantFrom("(x: number) => x * 2", "async () => 1", "Promise.resolve(5)", "readFileSync", "process.argv"),
);
const cell = fc.oneof(
  fc.tuple(fc.constantFrom("const", "let", "var"), name, value).map(([kind, n, v]) => `${kind} ${n} = ${v};`),
  fc.tuple(name, name).map(([a, b]) => `const { p: ${a}, ...${b}Rest } = { p: ${b}, r: 2 };`),
  fc.tuple(name, name).map(([a, b]) => `${a} + ${b}`),
  fc.tuple(name, name).map(([a, b]) => `console.log(${a}, { ${b} });`),
  fc.tuple(name, value).map(([n, v]) => `${n} = ${v};`),
  name.map((n) => `function ${n}<T>(x: T): T[] { return [x]; }`),
  fc
    .tuple(name, name)
    .map(([a, b]) => `class ${a} { x = 1; constructor(readonly y: number = 2) {} get z() { return ${b}; } }`),
  fc.tuple(name, number).map(([n, k]) => `interface ${n} { p: number; q${k}?: string }`),
  fc.tuple(name, name).map(([a, b]) => `type ${a} = { of: ${b} } | undefined;`),
  name.map((n) => `enum ${n} { Red, Green = 5 }`),
  name.map((n) => `namespace ${n} { export const v = 1; export interface T { a: number } }`),
  name.map((n) => `declare global { interface Array<T> { ${n}Of(): T } var ${n}Global: number }`),
  name.map((n) => `[1].${n}Of().toFixed() + ${n}Global`),
  fc.constant(`import { readFileSync } from "node:fs";`),
  fc.constant(`import * as local from "./local"; local.twice(2)`),
  fc.constant(`import { twice } from "./local.ts"; import data from "./data.json"; twice(data.n)`),
  name.map((n) => `const ${n} = await import("./local");`),
  name.map((n) => `import { no${n} } from "nowhere";`),
  name.map((n) => `const ${n} = await Promise.all([1, "b"]); for await (const x of [1]) console.log(x, ${n});`),
  name.map((n) => `// @ts-ignore\nconst ${n}: number = "no";\n// @ts-expect-error\n${n}.nothing();`),
  name.map((n) => `// @ts-expect-error\nconst ${n} = 1;`),
  name.map((n) => `const ${n}: string = 5; ${n}.toFixed()`),
  fc.constantFrom("const broken = (", "", "// nothing", "if (true) { let inner = 1; }", "throw new Error()"),
);

test("cells come out of a program that goes on as they come out of a fresh one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gradbook-living-"));
  await writeFile(join(folder, "local.ts"), "export const twice = (n: number) => 2 * n;\nexport interface L { l: 1 }");
  await writeFile(join(folder, "data.json"), `{ "n": 1 }`);
  const living = new NotebookLanguage(folder);
  const fresh = new NotebookLanguage(folder);
  fc.assert(
    fc.property(fc.array(cell, { minLength: 3, maxLength: 8 }), (cells) => {
      let declarations = "";
      for (const code of cells) {
        fresh.renew();
        const [one, other] = [living, fresh].map((language) => language.compile(declarations, code));
        expect(withoutFiles(one!)).toEqual(withoutFiles(other!));
        if ("declarations" in one!) ({ declarations } = one);
      }
    }),
    { numRuns: 15 },
  );
}, 600_000);

/** Local modules come once to each. */
function withoutFiles(result: ReturnType<Language["compile"]>) {
  if ("problems" in result) return result;
  return { ...result, program: { ...result.program, localModules: [] } };
}
