import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ExportOptions, exportNotebook } from "../../src/export/export-notebook.ts";
import { newFolder } from "../run/scripted.ts";

/** A cell of prose. */
export const markdown = (source: string, rest: object = {}) => ({
  cell_type: "markdown",
  metadata: {},
  source,
  ...rest,
});

/** A cell of code with what it has produced. */
export const code = (source: string, outputs: readonly object[] = [], metadata: object = {}) => ({
  cell_type: "code",
  execution_count: 1,
  metadata,
  outputs,
  source,
});

/** An output in the forms given by MIME type. */
export const shown = (data: object, metadata: object = {}) => ({ output_type: "display_data", data, metadata });

/** An output that is a view of a widget, with a text in its place. */
export const view = (model_id: string, rest: object = {}) =>
  shown({
    "application/vnd.jupyter.widget-view+json": { model_id, version_major: 2, version_minor: 0 },
    "text/plain": `a picture of ${model_id}`,
    ...rest,
  });

/** A widget in anywidget's form, as a notebook saves it. */
export const saved = (esm: string, state: object = {}, rest: object = {}) => ({
  model_module: "anywidget",
  model_module_version: "*",
  model_name: "AnyModel",
  state: { _model_module: "anywidget", _esm: esm, ...state },
  ...rest,
});

/** The metadata of a notebook with saved widgets. */
export const withWidgets = (state: object) => ({
  widgets: { "application/vnd.jupyter.widget-state+json": { state, version_major: 2, version_minor: 0 } },
});

/** Writes a notebook into a folder of its own. @returns its path. */
export function notebookOf(cells: readonly object[], metadata: object = {}, rest: object = {}): string {
  const path = join(newFolder(), "analysis.ipynb");
  writeFileSync(path, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5, ...rest }));
  return path;
}

/** The page that a notebook becomes, and what is reported of it. */
export async function exported(path: string, options: ExportOptions = {}) {
  const report = await exportNotebook(path, options);
  const page = readFileSync(report.out, "utf8");
  return { ...report, path: report.out, page, body: page.slice(page.indexOf("<main>"), page.lastIndexOf("<footer>")) };
}

/** The content of the page's cells for some cells. */
export async function bodyOf(...cells: object[]): Promise<string> {
  return (await exported(notebookOf(cells))).body;
}
