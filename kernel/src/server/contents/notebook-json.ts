import { BadRequest } from "../problems.ts";
import { quoted } from "./root-folder.ts";

type Fields = Record<string, unknown>;

/** The parts of a notebook that are looked at here. Everything else is passed on as it is. */
export interface NotebookContent extends Fields {
  cells: CellContent[];
  metadata: Fields;
  nbformat: 4;
  nbformat_minor: number;
}

interface CellContent extends Fields {
  cell_type: string;
  metadata: Fields;
  outputs?: Fields[];
}

/** A notebook without cells. */
export const emptyNotebook = (): NotebookContent => ({ cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 });

/** Reads a notebook file into what clients expect: texts in one piece. @throws BadRequest when it is no notebook. */
export function parseNotebook(text: string, path: string): NotebookContent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = text.trim() === "" ? "the file is empty" : `this is not JSON (${(error as Error).message})`;
    throw new BadRequest(
      `${quoted(path)}: ${reason}; a notebook was expected. Open it with the text editor to see what is left of it.`,
    );
  }
  const notebook = checkNotebook(value, path);
  eachText(notebook, (text) => (Array.isArray(text) ? text.join("") : text));
  return stripped(notebook);
}

/** The text of a notebook's file, as Jupyter writes it: keys sorted, texts as lists of lines, an indentation of one space. */
export function notebookText(value: unknown, path: string): string {
  const notebook = structuredClone(checkNotebook(value, path));
  eachText(notebook, (text) => (typeof text === "string" ? linesOf(text) : text));
  return `${JSON.stringify(sorted(stripped(notebook)), null, 1)}\n`;
}

/** @throws BadRequest when a value is no notebook of format 4. */
function checkNotebook(value: unknown, path: string): NotebookContent {
  const wrong = (what: string) => new BadRequest(`${quoted(path)}: ${what}`);
  if (!isFields(value)) throw wrong("this is JSON, but not the object that a notebook is.");
  if (value.nbformat !== 4)
    throw wrong(
      `the notebook has format ${JSON.stringify(value.nbformat)}, 4 was expected. Convert it: jupyter nbconvert --to notebook --nbformat 4 FILE`,
    );
  if (!Array.isArray(value.cells) || !value.cells.every((cell) => isFields(cell) && typeof cell.cell_type === "string"))
    throw wrong('the notebook has no list "cells" of cells, each with its "cell_type".');
  const notebook = value as NotebookContent;
  notebook.metadata = isFields(notebook.metadata) ? notebook.metadata : {};
  for (const cell of notebook.cells) cell.metadata = isFields(cell.metadata) ? cell.metadata : {};
  return notebook;
}

/** What says something of a notebook's state in a program is not written to the file, nor believed when it is there. */
function stripped(notebook: NotebookContent): NotebookContent {
  for (const name of ["orig_nbformat", "orig_nbformat_minor", "signature"]) delete notebook.metadata[name];
  for (const { metadata } of notebook.cells) delete metadata.trusted;
  return notebook;
}

/** Changes each text that files hold as a list of lines. */
function eachText(notebook: NotebookContent, change: (text: unknown) => unknown): void {
  const changeField = (fields: Fields, name: string) => {
    if (name in fields) fields[name] = change(fields[name]);
  };
  const changeBundle = (bundle: unknown) => {
    if (isFields(bundle)) for (const mime of Object.keys(bundle)) if (hasLines(mime)) changeField(bundle, mime);
  };
  for (const cell of notebook.cells) {
    changeField(cell, "source");
    if (isFields(cell.attachments)) for (const bundle of Object.values(cell.attachments)) changeBundle(bundle);
    for (const output of Array.isArray(cell.outputs) ? cell.outputs : []) {
      if (!isFields(output)) continue;
      if (output.output_type === "stream") changeField(output, "text");
      else changeBundle(output.data);
    }
  }
}

/** Base64 stays in one piece; what a person could read in a diff becomes lines. */
function hasLines(mime: string): boolean {
  return mime.startsWith("text/") || mime === "image/svg+xml" || mime === "application/javascript";
}

/** What ends a line in Python: thus it makes no difference who saves. */
const ENDS = String.raw`\n\r\v\f\x1c-\x1e\x85\u2028\u2029`;
const LINE = new RegExp(`[^${ENDS}]*(?:\\r\\n|[${ENDS}])|[^${ENDS}]+`, "g");

function linesOf(text: string): string[] {
  return text.match(LINE) ?? [];
}

/** Sorts all keys: clients write them in any order, and a file should change only where the notebook did. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

/** Whether a value is an object with fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
