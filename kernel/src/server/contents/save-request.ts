import { BadRequest } from "../problems.ts";
import type { ContentType } from "./model.ts";
import { emptyNotebook, notebookText } from "./notebook-json.ts";
import { quoted } from "./root-folder.ts";

/** What a client saves. */
export interface SaveRequest {
  type?: ContentType | undefined;
  format?: string | undefined;
  content?: unknown;
  /** The number of a part of an upload; -1 is the last. */
  chunk?: number | undefined;
}

/** What a document is, unless it is said. */
export function typeByName(name: string): "notebook" | "file" {
  return name.endsWith(".ipynb") ? "notebook" : "file";
}

/** What the file of a saved document will contain. @throws BadRequest when the content is not of its type and format. */
export function dataOf({ content, format }: SaveRequest, type: "notebook" | "file", path: string): string | Buffer {
  if (type === "notebook") return notebookText(content ?? emptyNotebook(), path);
  if (content === undefined || content === null) return "";
  if (typeof content !== "string")
    throw new BadRequest(`${quoted(path)}: the content of a file is a text, this is ${kindOf(content)}.`);
  if (format === undefined || format === "text") return content;
  if (format !== "base64")
    throw new BadRequest(`${quoted(path)}: a file has the format "text" or "base64", not ${quoted(format)}.`);
  // Python's clients break base64 into lines.
  const data = content.replace(/[\r\n]/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(data) || data.length % 4 !== 0)
    throw new BadRequest(`${quoted(path)}: the content is not base64, which its format says it is.`);
  return Buffer.from(data, "base64");
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}
