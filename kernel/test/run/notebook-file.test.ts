import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { notebookText, parseNotebook, readNotebook, writeNotebook } from "../../src/run/notebook-file.ts";
import { newFolder } from "./scripted.ts";

const cell = (source: unknown, more: object = {}) => ({
  cell_type: "code",
  metadata: {},
  outputs: [],
  source,
  ...more,
});
const notebook = (cells: object[], more: object = {}) =>
  JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells, ...more });

describe("reading a notebook", () => {
  it("joins lists of lines in sources, streams and texts, but not in JSON", () => {
    const data = { "text/html": ["<b>\n", "</b>"], "application/json": ["a", "b"], "application/vnd.x+json": ["c"] };
    const outputs = [
      { output_type: "stream", name: "stdout", text: ["1\n", "2"] },
      { output_type: "display_data", data, metadata: {} },
    ];
    const [read] = parseNotebook(notebook([cell(["a\n", "b"], { outputs })])).cells;
    expect(read).toMatchObject({
      source: "a\nb",
      outputs: [{ text: "1\n2" }, { data: { ...data, "text/html": "<b>\n</b>" } }],
    });
  });

  it("gives cells without a valid id of their own one, the same each time", () => {
    const text = notebook(
      [cell("a", { id: "kept" }), cell("b"), cell("b"), cell("c", { id: "kept" }), cell("d", { id: "no way" })],
      {
        nbformat_minor: 4,
      },
    );
    const ids = parseNotebook(text).cells.map(({ id }) => id);
    expect(ids[0]).toBe("kept");
    expect(new Set(ids).size).toBe(5);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(parseNotebook(text).cells.map(({ id }) => id)).toEqual(ids);
    expect(parseNotebook(text).nbformat_minor).toBe(5);
  });

  it.each([
    ["{", /x\.ipynb: this is not JSON/],
    ["[1]", /x\.ipynb: this is JSON but not a notebook/],
    ['{"nbformat": 3, "worksheets": []}', /format 3, version 4 was expected.*nbconvert/],
    [notebook([{ cell_type: "heading", source: "" }]), /cell 1 has the type "heading"; code, markdown or raw/],
  ])("refuses %s", (text, message) => {
    expect(() => parseNotebook(text, "x.ipynb")).toThrow(message);
  });

  it("refuses a file that is not there", async () => {
    await expect(readNotebook("/nowhere/x.ipynb")).rejects.toThrow(/\/nowhere\/x\.ipynb: there is no such file/);
    await expect(readNotebook(newFolder())).rejects.toThrow(/this is a folder\. Give the path of a notebook/);
  });
});

describe("writing a notebook", () => {
  it("gives back what was read", () => {
    const file = {
      cells: [
        {
          attachments: { "a.png": { "image/png": "AAAA" } },
          cell_type: "markdown",
          id: "m",
          metadata: { tags: ["x"] },
          source: ["# Title\n", "\n", "text"],
        },
        {
          cell_type: "code",
          execution_count: 2,
          id: "c",
          metadata: {},
          outputs: [
            { name: "stdout", output_type: "stream", text: ["1\n", "2\n"] },
            {
              data: {
                "image/png": "AAAA\n",
                "image/svg+xml": ["<svg>\n", "</svg>"],
                "application/json": { b: 1, a: [] },
              },
              execution_count: 2,
              metadata: { width: 3 },
              output_type: "execute_result",
            },
            { ename: "E", evalue: "v", output_type: "error", traceback: ["t"] },
          ],
          source: [],
        },
        { cell_type: "raw", id: "r", metadata: {}, source: ["r"] },
      ],
      metadata: { widgets: { any: { state: {} } }, title: "T" },
      nbformat: 4,
      nbformat_minor: 5,
    };
    const text = `${JSON.stringify(file, null, 1)}\n`;
    expect(notebookText(parseNotebook(text))).toBe(text);
  });

  it("leaves nothing but the file, also when it replaces one", async () => {
    const folder = newFolder();
    const path = join(folder, "new", "a.ipynb");
    await writeNotebook(path, parseNotebook(notebook([cell("1")])));
    await writeNotebook(path, parseNotebook(notebook([cell("2")])));
    expect(readdirSync(join(folder, "new"))).toEqual(["a.ipynb"]);
    expect(readFileSync(path, "utf8")).toContain('"2"');
  });
});
