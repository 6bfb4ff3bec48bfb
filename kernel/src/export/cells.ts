import { type Cell, type CodeCell, isObject, type JsonObject, type TextCell } from "../run/notebook.ts";
import { codeHtml } from "./code.ts";
import type { Heading } from "./contents.ts";
import { escapeHtml } from "./html.ts";
import type { OutputWriter } from "./outputs.ts";
import type { Prose } from "./prose.ts";
import { type FindPicture, sanitise } from "./sanitise.ts";

/** What cells are written with. */
export interface CellParts {
  readonly prose: Prose;
  readonly outputs: OutputWriter;
  readonly findPicture: FindPicture;
  /** The language of code cells. */
  readonly language: string;
  /** Whether the code is shown. */
  readonly code: boolean;
}

/** A cell as HTML; headings of prose are noted down. Cells with nothing to show are empty. */
export function cellHtml(cell: Cell, parts: CellParts, headings: Heading[]): string {
  const inner = cell.cell_type === "code" ? codeCellHtml(cell, parts) : textCellHtml(cell, parts, headings);
  return inner === "" ? "" : `<section class="nb-cell nb-${cell.cell_type}">\n${inner}\n</section>\n`;
}

function codeCellHtml(cell: CodeCell, { outputs, language, code }: CellParts): string {
  const { jupyter } = cell.metadata;
  const hides = (what: string) => isObject(jupyter) && jupyter[what] === true;
  const source = code && cell.source.trim() !== "" ? sourceHtml(cell, language) : "";
  const results = cell.outputs.map((output) => outputs.html(output)).join("\n");
  return [
    source && hides("source_hidden") ? folded("Code", source) : source,
    results && `<div class="nb-outputs">${hides("outputs_hidden") ? folded("Output", results) : results}</div>`,
  ]
    .filter(Boolean)
    .join("\n");
}

function sourceHtml({ source, execution_count }: CodeCell, language: string): string {
  const count = execution_count === null ? "" : `<span class="nb-count" aria-hidden="true">${execution_count}</span>`;
  return `<div class="nb-source">${count}<pre class="nb-code"><code>${codeHtml(source, language)}</code></pre></div>`;
}

function folded(name: string, html: string): string {
  return `<details class="nb-folded"><summary>${name}</summary>${html}</details>`;
}

function textCellHtml(cell: TextCell, { prose, findPicture }: CellParts, headings: Heading[]): string {
  const { cell_type, source, metadata, attachments } = cell;
  if (source.trim() === "") return "";
  if (cell_type === "markdown")
    return `<div class="nb-prose">${prose.html(source, picturesOf(attachments), headings)}</div>`;
  switch (metadata.format ?? metadata.raw_mimetype) {
    case "text/html":
      return `<div class="nb-html">${sanitise(source, findPicture).html}</div>`;
    case "text/markdown":
      return `<div class="nb-prose">${prose.html(source)}</div>`;
    case "text/latex":
      return `<div class="nb-prose">${prose.latexHtml(source)}</div>`;
    default:
      return `<pre>${escapeHtml(source)}</pre>`;
  }
}

function picturesOf(attachments: JsonObject | undefined): Map<string, string> {
  const entries = Object.entries(attachments ?? {}).flatMap(([name, bundle]): [string, string][] => {
    const [type, data] =
      Object.entries(isObject(bundle) ? bundle : {}).find(([type]) => type.startsWith("image/")) ?? [];
    return typeof data === "string" ? [[name, `data:${type};base64,${data.replaceAll(/\s/g, "")}`]] : [];
  });
  return new Map(entries);
}
