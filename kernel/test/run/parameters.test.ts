import { describe, expect, it } from "vitest";
import { type Json, type Notebook, tagsOf } from "../../src/run/notebook.ts";
import { parseNotebook } from "../../src/run/notebook-file.ts";
import { injectParameters, parseParameter } from "../../src/run/parameters.ts";

const cell = (source: string, ...tags: string[]) => ({ cell_type: "code", source, metadata: { tags }, outputs: [] });
const notebook = (...cells: object[]): Notebook =>
  parseNotebook(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }));
const sources = ({ cells }: Notebook) => cells.map(({ source }) => source);

function injected(declared: string, parameters: Record<string, Json>, language = "typescript"): string[] {
  const book = notebook(cell(declared, "parameters"));
  injectParameters(book, parameters, language);
  return book.cells[1]!.source.split("\n").slice(1);
}

describe("a parameter on the command line", () => {
  it.each([
    ["3", 3],
    ["-0.5", -0.5],
    ["1e-3", 1e-3],
    ["true", true],
    ["[1, 2]", [1, 2]],
    ['{"a": null}', { a: null }],
    ['"3"', "3"],
    ["gpu", "gpu"],
    ["3 epochs", "3 epochs"],
    ["", ""],
  ])("%j means %j", (text, value) => {
    expect(parseParameter(text)).toEqual(value);
  });
});

describe("injected parameters", () => {
  it("stand in a cell of their own after the tagged one", () => {
    const book = notebook(cell("intro"), cell("const epochs = 3;", "parameters"), cell("rest"));
    expect(injectParameters(book, { epochs: 1 }, "typescript")).toEqual([]);
    expect(sources(book)).toEqual(["intro", "const epochs = 3;", "// Parameters\nconst epochs: number = 1;", "rest"]);
    expect(tagsOf(book.cells[2]!)).toEqual(["injected-parameters"]);
  });

  it("stand at the top when no cell is tagged, and are reported as unknown", () => {
    const book = notebook(cell("rest"));
    expect(injectParameters(book, { epochs: 1 }, "typescript")).toEqual(["epochs"]);
    expect(sources(book)).toEqual(["// Parameters\nconst epochs: number = 1;", "rest"]);
  });

  it("replace those of an earlier run", () => {
    const book = notebook(cell("const a = 0;", "parameters"), cell("rest"));
    injectParameters(book, { a: 1 }, "typescript");
    injectParameters(book, { a: 2 }, "typescript");
    expect(sources(book)).toEqual(["const a = 0;", "// Parameters\nconst a: number = 2;", "rest"]);
    expect(new Set(book.cells.map(({ id }) => id)).size).toBe(3);
  });

  it("leave the notebook alone when there are none", () => {
    const book = notebook(cell("x"));
    expect(injectParameters(book, {}, "cobol")).toEqual([]);
    expect(sources(book)).toEqual(["x"]);
  });

  it("have a type wide enough to be compared, or the one that is declared", () => {
    expect(injected("", { s: "a", b: false, l: [1, "x"], n: [1, 2], e: [], o: { k: 1 } })).toEqual([
      'const s: string = "a";',
      "const b: boolean = false;",
      'const l: (number | string)[] = [1,"x"];',
      "const n: number[] = [1,2];",
      "const e: unknown[] = [];",
      'const o: { "k": number } = {"k":1};',
    ]);
    expect(injected('let device: "cpu" | "gpu" = "cpu", rate = 1;', { device: "gpu", rate: 0.1 })).toEqual([
      'const device: "cpu" | "gpu" = "gpu";',
      "const rate: number = 0.1;",
    ]);
  });

  it("are written in the notebook's language", () => {
    expect(injected("", { a: true, b: null, c: { k: [1, "x"] } }, "python")).toEqual([
      "a = True",
      "b = None",
      'c = {"k": [1, "x"]}',
    ]);
    expect(() => injected("", { a: 1 }, "cobol")).toThrow(/language is cobol.*typescript, javascript, python/);
  });

  it("need the name of a variable", () => {
    expect(() => injected("", { "a b": 1 })).toThrow(/"a b": this is not a variable's name/);
    expect(injected("", { $größe: 1 })).toEqual(["const $größe: number = 1;"]);
  });

  it("are not taken for known because a longer name contains them", () => {
    const book = notebook(cell("const epochsMax = 1", "parameters"));
    expect(injectParameters(book, { epochs: 1 }, "typescript")).toEqual(["epochs"]);
  });
});
