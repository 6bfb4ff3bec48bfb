import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import old from "@tslab/typescript-for-tslab";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";

const source = fileURLToPath(new URL("../src/", import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "widgets-declarations-"));
  const { config } = ts.readConfigFile(join(source, "../../tsconfig.base.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, source);
  const program = ts.createProgram([join(source, "index.ts")], {
    ...options,
    rootDir: source,
    outDir: folder,
    emitDeclarationOnly: true,
    declarationMap: false,
    sourceMap: false,
  });
  program.emit(undefined, (path, text) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What the compiler inside the kernel, TypeScript 5.0, says about a cell that uses our declarations. */
function complaints(cell: string): string[] {
  const file = join(folder, "cell.ts");
  writeFileSync(file, `import * as widgets from "./index";\n${cell}\n`);
  const program = old.createProgram([file], {
    strict: true,
    noEmit: true,
    target: old.ScriptTarget.ES2022,
    module: old.ModuleKind.ESNext,
    moduleResolution: old.ModuleResolutionKind.Node10,
    allowImportingTsExtensions: true,
    types: [],
  });
  return old
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => old.flattenDiagnosticMessageText(messageText, "\n"));
}

test("the declarations can be read by TypeScript 5.0", () => {
  expect(old.version).toMatch(/^5\.0\./);
  const cell = `
    interface Step { readonly step: number; readonly epoch: number; readonly loss: number; readonly rate: number | undefined }
    declare const step: Step;
    declare const weight: { readonly shape: readonly number[]; data(): Promise<Float32Array | Int32Array> };
    const curve = widgets.lossCurve({ title: "LeNet-5", yScale: "log" });
    curve.add(step);
    curve.add({ step: 3, "test error": 0.1 });
    curve.run("ReLU").add({ ...step, accuracy: 0.9 });
    widgets.filters(weight, { colours: "grey" }).update();
    widgets.featureMaps(() => weight);
    widgets.confusionMatrix([[1, 0], [0, 1]], { labels: ["a", "b"] }).update(weight);
    widgets.imageGrid(weight, { captions: ["4"] });
    declare function tsne(x: typeof weight, options: { readonly perplexity?: number }): AsyncGenerator<widgets.MapMoment>;
    const explorer = widgets.embeddingExplorer(weight, { labels: ["a", "b"], names: ["c", "d"], images: weight, tsne });
    const run: Promise<widgets.EmbeddingExplorer> = explorer.run({ iterations: 100 });
    explorer.onSelect((points) => explorer.select(points.slice(1)));
    const divergence: number | undefined = explorer.kl;
    widgets.table([step]);
    const bundle: widgets.MimeBundle | Promise<widgets.MimeBundle> = curve[widgets.displaySymbol]({ changed() {} });
  `;
  expect(complaints(cell)).toEqual([]);
});

test("mistakes are found while typing", () => {
  const found = complaints(`
    widgets.lossCurve().add({ loss: 1 });
    widgets.lossCurve().add({ step: 1, loss: "low" });
    declare const tensor: { item(): Promise<number> };
    widgets.lossCurve().add({ step: 1, "test loss": tensor });
    widgets.lossCurve({ x: "steps" });
    widgets.filters([1, 2]);
  `);
  expect(found).toHaveLength(5);
  const [noStep, wrongLoss, wrongMetric, wrongAxis, noTensor] = found;
  expect(noStep).toContain("'step'");
  expect(wrongLoss).toContain("'string' is not assignable");
  expect(wrongMetric).toContain("is not assignable to type 'number'");
  expect(wrongAxis).toContain("'\"steps\"' is not assignable");
  expect(noTensor).toContain("not assignable to parameter of type 'TensorSource'");
});
