import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { isObject, type Notebook } from "../run/notebook.ts";
import { cellHtml } from "./cells.ts";
import { contentsHtml, type Heading } from "./contents.ts";
import type { ExportOptions } from "./export-notebook.ts";
import { Mathematics } from "./math.ts";
import { type LiveParts, OutputWriter } from "./outputs.ts";
import { pageHtml } from "./page.ts";
import { picturesBeside } from "./pictures.ts";
import { Prose } from "./prose.ts";
import { themeStyles } from "./theme.ts";
import { NotebookWidgets } from "./widgets.ts";

/** A notebook as the text of a page. */
export interface NotebookPage {
  readonly html: string;
  readonly live: LiveParts;
  readonly absent: readonly string[];
}

/** @param path where the notebook lies: pictures are looked up beside it. */
export async function notebookPage(
  notebook: Notebook,
  path: string,
  { title, code = true, live = true }: ExportOptions,
): Promise<NotebookPage> {
  const absent = new Set<string>();
  const findPicture = picturesBeside(path, (address) => absent.add(address));
  const mathematics = new Mathematics();
  const prose = new Prose(mathematics, findPicture);
  const widgets = live ? new NotebookWidgets(notebook.metadata) : undefined;
  const outputs = new OutputWriter(prose, findPicture, widgets);
  const headings: Heading[] = [];
  const parts = { prose, outputs, findPicture, language: languageOf(notebook), code };
  const cells = notebook.cells.map((cell) => cellHtml(cell, parts, headings)).join("");
  const first = headings[0];
  const html = pageHtml({
    title: title ?? first?.text ?? basename(path).replace(/\.ipynb$/i, ""),
    isTitleShown: title !== undefined || first === undefined,
    contents: contentsHtml(headings),
    cells,
    hasCode: code && notebook.cells.some((cell) => cell.cell_type === "code"),
    footer: `${basename(path)} · exported by gradbook`,
    styles: [themeStyles(), await built("page.css"), mathematics.styles()],
    script: await built("page.js"),
    widgets: widgets?.toPage(),
    plotly: outputs.live.figures > 0 ? await packedPlotly() : undefined,
    live: outputs.live,
  });
  return { html, live: outputs.live, absent: [...absent] };
}

/** A file that the build makes, seen from `src` and from `dist` alike. */
function built(name: string): Promise<string> {
  return readFile(new URL(`../../dist/export/browser/${name}`, import.meta.url), "utf8");
}

async function packedPlotly(): Promise<string> {
  const file = createRequire(import.meta.url).resolve("plotly.js-dist-min");
  const packed = await promisify(gzip)(readFileSync(file), { level: 9 });
  return packed.toString("base64");
}

function languageOf({ metadata: { language_info, kernelspec } }: Notebook): string {
  const named = (isObject(language_info) && language_info.name) || (isObject(kernelspec) && kernelspec.language);
  return typeof named === "string" ? named : "typescript";
}
