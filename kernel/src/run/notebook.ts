/** The parts of a Jupyter notebook (nbformat 4.5) as they are held in memory: every multi-line text is one string. */

/** Any value that JSON can carry. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  [key: string]: Json;
}
/** One result in several forms: MIME type → text, base64 or, for JSON types, a value. */
export type MimeBundle = JsonObject;

/** Text written to a standard stream; neighbours of one stream are merged. */
export interface StreamOutput {
  output_type: "stream";
  name: string;
  text: string;
}
/** Something the cell displayed. */
export interface DisplayOutput {
  output_type: "display_data";
  data: MimeBundle;
  metadata: JsonObject;
}
/** The value of the cell's last expression. */
export interface ResultOutput {
  output_type: "execute_result";
  execution_count: number | null;
  data: MimeBundle;
  metadata: JsonObject;
}
/** What the cell threw; the traceback may hold terminal colours. */
export interface ErrorOutput {
  output_type: "error";
  ename: string;
  evalue: string;
  traceback: string[];
}
/** What a code cell produced. */
export type Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput;

/** A cell of code with what it produced. */
export interface CodeCell {
  cell_type: "code";
  id: string;
  metadata: JsonObject;
  source: string;
  execution_count: number | null;
  outputs: Output[];
}
/** A cell of prose, or of text that is passed through. */
export interface TextCell {
  cell_type: "markdown" | "raw";
  id: string;
  metadata: JsonObject;
  source: string;
  attachments?: JsonObject;
}
export type Cell = CodeCell | TextCell;

/** A whole notebook. `nbformat_minor` is 5 or later, so every cell has an id. */
export interface Notebook {
  cells: Cell[];
  metadata: JsonObject;
  nbformat: 4;
  nbformat_minor: number;
}

/** Narrows a value parsed from JSON to an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a MIME type carries a JSON value rather than text. */
export function isJsonMime(mime: string): boolean {
  return mime === "application/json" || mime.endsWith("+json");
}

/** The tags of a cell, as the notebook's user set them. */
export function tagsOf(cell: Cell): string[] {
  const tags = cell.metadata.tags;
  return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === "string") : [];
}
