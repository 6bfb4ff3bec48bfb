import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runNotebook } from "../../kernel/src/run/run-notebook.ts";

/** Settings under which each notebook goes through all its cells quickly; what it then finds is worth nothing. */
const short = {
  "13-maps-of-representations": { iterations: 5, words: 0 },
  "14-translation-with-attention": { steps: 3, sentences: 0 },
  "16-long-short-term-memory": { sequences: 64 },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradbook-short-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(Object.entries(short))("%s", (name, parameters) => {
  it("runs from top to bottom", { timeout: 300_000 }, async () => {
    const notebook = fileURLToPath(new URL(`../${name}/notebook.ipynb`, import.meta.url));
    const report = await runNotebook(notebook, { out: join(folder, `${name}.ipynb`), parameters });
    expect(report.cells.filter(({ status }) => status !== "ok")).toEqual([]);
    expect(Object.keys(report.metrics).length).toBeGreaterThan(2);
  });
});
