import { createHash } from "node:crypto";
import { constants, createReadStream, type Stats } from "node:fs";
import { access, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { BadRequest, HttpProblem } from "../problems.ts";
import { mediaTypeOf } from "./media-types.ts";
import { type NotebookContent, parseNotebook } from "./notebook-json.ts";
import { isMissing, type Place, quoted, type RootFolder } from "./root-folder.ts";
import type { TrustedNotebooks } from "./trust.ts";

/** What a path stands for. */
export type ContentType = "notebook" | "file" | "directory";

/** A file or folder as the API describes it. */
export interface ContentModel {
  name: string;
  path: string;
  type: ContentType;
  created: string;
  last_modified: string;
  writable: boolean;
  size: number | null;
  mimetype: string | null;
  format: "text" | "base64" | "json" | null;
  content: string | NotebookContent | ContentModel[] | null;
  hash: string | null;
  hash_algorithm: "sha256" | null;
}

/** What is asked about a path. */
export interface ContentQuestion {
  content?: boolean;
  type?: ContentType | undefined;
  format?: "text" | "base64" | undefined;
  hash?: boolean;
}

/** The longest file whose content is given as JSON, in bytes: beyond it no string holds it. */
const LONGEST_CONTENT = 384_000_000;

/** Describes files and folders. */
export class Describer {
  readonly #root: RootFolder;
  readonly #trusted: TrustedNotebooks;

  constructor(root: RootFolder, trusted: TrustedNotebooks) {
    this.#root = root;
    this.#trusted = trusted;
  }

  /** @throws HttpProblem when the path does not stand for what is expected. */
  async describe(place: Place, question: ContentQuestion = {}): Promise<ContentModel> {
    const file = await this.#root.target(place);
    const stats = await stat(file);
    const { type } = question;
    if (stats.isDirectory()) {
      if (type !== undefined && type !== "directory")
        throw new BadRequest(`${quoted(place.path)} is a folder; a ${type} was expected.`);
      return this.#folder(place, file, stats, question);
    }
    if (type === "directory") throw new BadRequest(`${quoted(place.path)} is a file; a folder was expected.`);
    if (!stats.isFile())
      throw new BadRequest(`${quoted(place.path)} is neither a file nor a folder: it cannot be served.`);
    return this.#file(place, file, stats, question);
  }

  async #folder(place: Place, file: string, stats: Stats, { content }: ContentQuestion): Promise<ContentModel> {
    const model = { ...(await baseModel(place, file, stats, "directory")), size: null };
    if (!content) return model;
    const entries = await Promise.all((await readdir(file)).map((name) => this.#entry(place, file, name)));
    return { ...model, format: "json", content: entries.filter((entry) => entry !== undefined) };
  }

  /** An entry of a folder; nothing when it is not to be seen, or has just gone. */
  async #entry(folder: Place, real: string, name: string): Promise<ContentModel | undefined> {
    try {
      if (!(await this.#root.lists(real, name))) return undefined;
      const place = { path: folder.path === "" ? name : `${folder.path}/${name}`, name, file: join(real, name) };
      return await this.describe(place);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (error instanceof HttpProblem || isMissing(error) || code === "EACCES" || code === "ELOOP") return undefined;
      throw error;
    }
  }

  async #file(place: Place, file: string, stats: Stats, question: ContentQuestion): Promise<ContentModel> {
    const type = question.type ?? (place.name.endsWith(".ipynb") ? "notebook" : "file");
    const model = await baseModel(place, file, stats, type === "notebook" ? "notebook" : "file");
    if (model.type === "file") model.mimetype = mediaTypeOf(place.name) ?? null;
    if (!question.content)
      return question.hash ? { ...model, hash: await hashOfFile(file), hash_algorithm: "sha256" } : model;
    if (stats.size > LONGEST_CONTENT)
      throw new HttpProblem(
        413,
        `${quoted(place.path)} has ${stats.size} bytes, too many for the page: ${LONGEST_CONTENT} at most. Download it, or read it with a program.`,
      );
    const data = await readFile(file);
    const hash = hashOf(data);
    if (question.hash) Object.assign(model, { hash, hash_algorithm: "sha256" });
    if (model.type === "file") return { ...model, ...fileContent(data, place, question.format, model.mimetype) };
    const notebook = parseNotebook(textOf(data, place), place.path);
    await this.#trusted.mark(notebook, hash);
    return { ...model, format: "json", content: notebook };
  }
}

/** What is said of a file or folder without looking into it. */
export async function baseModel(place: Place, file: string, stats: Stats, type: ContentType): Promise<ContentModel> {
  const writable = await access(file, constants.W_OK).then(
    () => true,
    () => false,
  );
  return {
    name: place.name,
    path: place.path,
    type,
    created: iso(stats.birthtime),
    last_modified: iso(stats.mtime),
    writable,
    size: stats.size,
    mimetype: null,
    format: null,
    content: null,
    hash: null,
    hash_algorithm: null,
  };
}

/** The hash by which clients notice that a file has changed. */
export function hashOf(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

async function hashOfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

function fileContent(data: Buffer, place: Place, format: "text" | "base64" | undefined, known: string | null) {
  const text = format === "base64" ? undefined : textIn(data);
  if (text !== undefined) return { format: "text", content: text, mimetype: known ?? "text/plain" } as const;
  if (format === "text") textOf(data, place);
  const mimetype = known ?? "application/octet-stream";
  return { format: "base64", content: data.toString("base64"), mimetype } as const;
}

/** @throws BadRequest when the data are no text. */
function textOf(data: Buffer, place: Place): string {
  const text = textIn(data);
  if (text === undefined)
    throw new BadRequest(`${quoted(place.path)} is not text in UTF-8. Convert it (iconv -t UTF-8), or download it.`);
  return text;
}

function textIn(data: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return undefined;
  }
}

/** Some file systems know no time, or an impossible one. */
function iso(date: Date): string {
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}
