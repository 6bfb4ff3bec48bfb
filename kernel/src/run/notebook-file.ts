import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Problem } from "../problem.ts";
import {
  type Cell,
  isJsonMime,
  isObject,
  type Json,
  type JsonObject,
  type MimeBundle,
  type Notebook,
  type Output,
} from "./notebook.ts";

/** A notebook file that cannot be read, with the reason and the way on. */
export class NotebookError extends Problem {
  override readonly name = "NotebookError";
}

/** Reads a notebook of nbformat 4.0 or later and lifts it to 4.5. @throws NotebookError */
export async function readNotebook(path: string): Promise<Notebook> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const found = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "this is a folder" : message;
    throw new NotebookError(`${path}: ${found}. Give the path of a notebook.`);
  }
  return parseNotebook(text, path);
}

/** Parses the text of a notebook; `name` stands in messages. @throws NotebookError */
export function parseNotebook(text: string, name = "notebook"): Notebook {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new NotebookError(
      `${name}: this is not JSON (${(error as Error).message}). A notebook file was expected; open it in Jupyter to see what is left of it.`,
    );
  }
  if (!isObject(value) || typeof value.nbformat !== "number")
    throw new NotebookError(`${name}: this is JSON but not a notebook: it has no "nbformat" number.`);
  if (value.nbformat !== 4 || !Array.isArray(value.cells))
    throw new NotebookError(
      `${name}: the notebook has format ${value.nbformat}, version 4 was expected. Convert it: jupyter nbconvert --to notebook --nbformat 4 FILE`,
    );
  const minor = typeof value.nbformat_minor === "number" ? value.nbformat_minor : 0;
  const taken = new Set<string>();
  const cells = value.cells.map((cell, index) => readCell(cell, index, taken, name));
  return {
    cells,
    metadata: isObject(value.metadata) ? value.metadata : {},
    nbformat: 4,
    nbformat_minor: Math.max(5, minor),
  };
}

/** The notebook as Jupyter writes it: texts as lists of lines, one space of indentation. */
export function notebookText(notebook: Notebook): string {
  const file = {
    cells: notebook.cells.map(writeCell),
    metadata: notebook.metadata,
    nbformat: notebook.nbformat,
    nbformat_minor: notebook.nbformat_minor,
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

/** Writes a notebook whole or not at all: a reader never meets half a file. */
export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  await writeAtomically(path, notebookText(notebook));
}

/** Writes a text beside its destination and moves it there. @throws Problem when that cannot be done. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(draft, "w");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw new Problem(`${path} cannot be written: ${(error as Error).message}. Save somewhere else with -o FILE.`);
  }
}

function readCell(value: Json, index: number, taken: Set<string>, name: string): Cell {
  const type = isObject(value) ? value.cell_type : undefined;
  if (!isObject(value) || (type !== "code" && type !== "markdown" && type !== "raw"))
    throw new NotebookError(
      `${name}: cell ${index + 1} has the type ${JSON.stringify(type)}; code, markdown or raw was expected.`,
    );
  const source = joined(value.source ?? "");
  const shared = {
    id: uniqueId(value.id, index, source, taken),
    metadata: isObject(value.metadata) ? value.metadata : {},
  };
  if (type === "code") {
    const count = value.execution_count;
    const outputs = Array.isArray(value.outputs) ? value.outputs : [];
    return {
      cell_type: type,
      execution_count: typeof count === "number" ? count : null,
      ...shared,
      outputs: outputs.filter(isObject).map(readOutput),
      source,
    };
  }
  return { cell_type: type, ...shared, source, ...(isObject(value.attachments) && { attachments: value.attachments }) };
}

/** Keeps a valid id; otherwise derives one from the cell, so that the same notebook always gets the same ids. */
function uniqueId(given: Json | undefined, index: number, source: string, taken: Set<string>): string {
  let id = typeof given === "string" && /^[\w-]{1,64}$/.test(given) ? given : "";
  for (let attempt = 0; id === "" || taken.has(id); attempt++)
    id = createHash("sha256").update(`${index}/${attempt}/${source}`).digest("hex").slice(0, 8);
  taken.add(id);
  return id;
}

function readOutput(value: JsonObject): Output {
  const data = isObject(value.data) ? readBundle(value.data) : {};
  const metadata = isObject(value.metadata) ? value.metadata : {};
  switch (value.output_type) {
    case "stream":
      return { output_type: "stream", name: String(value.name ?? "stdout"), text: joined(value.text ?? "") };
    case "execute_result": {
      const count = value.execution_count;
      return {
        output_type: "execute_result",
        data,
        execution_count: typeof count === "number" ? count : null,
        metadata,
      };
    }
    case "error":
      return {
        output_type: "error",
        ename: String(value.ename ?? ""),
        evalue: String(value.evalue ?? ""),
        traceback: Array.isArray(value.traceback) ? value.traceback.map(String) : [],
      };
    default:
      return { output_type: "display_data", data, metadata };
  }
}

function readBundle(data: JsonObject): MimeBundle {
  return Object.fromEntries(
    Object.entries(data).map(([mime, value]) => [mime, isJsonMime(mime) ? value : joined(value)]),
  );
}

function writeCell(cell: Cell): JsonObject {
  const { id, metadata } = cell;
  const source = lines(cell.source);
  if (cell.cell_type !== "code")
    return {
      ...(cell.attachments && { attachments: cell.attachments }),
      cell_type: cell.cell_type,
      id,
      metadata,
      source,
    };
  const outputs = cell.outputs.map(writeOutput);
  return { cell_type: "code", execution_count: cell.execution_count, id, metadata, outputs, source };
}

function writeOutput(output: Output): JsonObject {
  switch (output.output_type) {
    case "stream":
      return { name: output.name, output_type: output.output_type, text: lines(output.text) };
    case "error":
      return {
        ename: output.ename,
        evalue: output.evalue,
        output_type: output.output_type,
        traceback: output.traceback,
      };
    default: {
      const data = Object.fromEntries(
        Object.entries(output.data).map(([mime, value]) => [mime, isTextMime(mime) ? lines(value) : value]),
      );
      const count = output.output_type === "execute_result" ? { execution_count: output.execution_count } : {};
      return { data, ...count, metadata: output.metadata, output_type: output.output_type };
    }
  }
}

/** Base64 stays one string; what a person could read in a diff becomes lines. */
function isTextMime(mime: string): boolean {
  return mime.startsWith("text/") || mime === "image/svg+xml" || mime === "application/javascript";
}

function joined(value: Json): string {
  return Array.isArray(value) ? value.map(String).join("") : typeof value === "string" ? value : JSON.stringify(value);
}

function lines(value: Json): Json {
  return typeof value === "string" ? (value.match(/[^\n]*\n|[^\n]+/g) ?? []) : value;
}
