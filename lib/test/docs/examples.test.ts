import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agrees, examples, run } from "./examples.ts";

const workspace = fileURLToPath(new URL("../../..", import.meta.url));
const all = examples([join(workspace, "lib/README.md")]);

describe("what examples say", () => {
  it("is compared to the digits that they give, with remarks left out", () => {
    expect(agrees([1, 0.33333], "[1, 0.333] a third")).toBe(true);
    expect(agrees([1, 0.33333], "[1, 0.334]")).toBe(false);
    expect(agrees([1, 2], "[1]")).toBe(false);
    expect(agrees("a", '"a"')).toBe(true);
    expect(agrees({ a: [1] }, "{ a: [ 1 ] }")).toBe(true);
    expect(agrees(2, "3")).toBe(false);
  });
});

describe("examples in the documentation", () => {
  let folder: string;
  let before: string;
  beforeAll(() => {
    before = process.cwd();
    folder = mkdtempSync(join(tmpdir(), "gradbook-examples-"));
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  it.each(all.map((example) => [`${example.file}:${example.line}`, example] as const))(
    "%s runs, and is right",
    async (_, example) => {
      await run(example);
    },
  );

  it("have the right types", () => {
    const options: ts.CompilerOptions = {
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2023.d.ts"],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: ["node"],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
    };
    const host = ts.createCompilerHost(options);
    host.getCurrentDirectory = () => workspace;
    const files = new Map(
      all.map(({ code }, i) => [join(workspace, `lib/test/docs/example-${i}.mts`), `${code}\nexport {};`]),
    );
    const original = { exists: host.fileExists, read: host.readFile, source: host.getSourceFile };
    host.fileExists = (name) => files.has(name) || original.exists(name);
    host.readFile = (name) => files.get(name) ?? original.read(name);
    host.getSourceFile = (name, version, ...rest) => {
      const code = files.get(name);
      return code === undefined ? original.source(name, version, ...rest) : ts.createSourceFile(name, code, version);
    };
    const program = ts.createProgram([...files.keys()], options, host);
    const found = [...files.keys()].flatMap((name, i) =>
      ts.getPreEmitDiagnostics(program, program.getSourceFile(name)).map(({ start = 0, messageText }) => {
        const line = files.get(name)!.slice(0, start).split("\n").length;
        return `${all[i]!.file}:${all[i]!.line + line - 1} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
      }),
    );
    expect(found).toEqual([]);
  });
});
