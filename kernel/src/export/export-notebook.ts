import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Problem } from "../problem.ts";
import { readNotebook, writeAtomically } from "../run/notebook-file.ts";
import type { LiveParts } from "./outputs.ts";

/** How a notebook is exported. */
export interface ExportOptions {
  /** The file to write, or the folder in which to; otherwise `NAME.html` beside the notebook. */
  readonly out?: string;
  /** Otherwise the first heading, or the notebook's name. */
  readonly title?: string;
  /** Whether the code is shown; true unless given. */
  readonly code?: boolean;
  /** Whether widgets and figures are live; otherwise nothing of the notebook runs in the page. True unless given. */
  readonly live?: boolean;
}

/** What has been written. */
export interface ExportReport {
  readonly out: string;
  readonly bytes: number;
  readonly live: LiveParts;
  /** Addresses of pictures that the page only links. */
  readonly absent: readonly string[];
}

/**
 * Writes a notebook as one HTML file that needs neither network nor kernel: its prose, code and outputs, with widgets
 * in anywidget's form and plotly's figures live.
 * @throws NotebookError when it cannot be read, Problem when the file cannot be written
 */
export async function exportNotebook(path: string, options: ExportOptions = {}): Promise<ExportReport> {
  const out = placeFor(path, options.out);
  const notebook = await readNotebook(path);
  // Loaded only now: who imports the package should not wait for what reads Markdown and mathematics.
  const { notebookPage } = await import("./notebook-page.ts");
  const { html, live, absent } = await notebookPage(notebook, path, options);
  await writeAtomically(out, html);
  return { out, bytes: Buffer.byteLength(html), live, absent };
}

function placeFor(path: string, asked: string | undefined): string {
  const name = `${basename(path).replace(/\.ipynb$/i, "")}.html`;
  const isFolder =
    asked !== undefined && (/[\\/]$/.test(asked) || (existsSync(asked) && statSync(asked).isDirectory()));
  const out = isFolder ? join(asked, name) : (asked ?? join(path, "..", name));
  if (/\.ipynb$/i.test(out) || resolve(out) === resolve(path))
    throw new Problem(
      `${out}: the page would take the place of a notebook. Give another file with -o, such as ${name}.`,
    );
  if (existsSync(out) && !statSync(out).isFile())
    throw new Problem(`${out}: this is a folder, a file was expected. Give another with -o.`);
  return resolve(out);
}
