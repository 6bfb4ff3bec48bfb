import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../server/contents/atomic-file.ts";

/** How the page was arranged: which documents were open, and where. */
export interface Workspace {
  readonly data: object;
  readonly metadata: { readonly id: string };
}

/** Keeps workspaces in a folder, one file each. */
export class Workspaces {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async all(): Promise<Workspace[]> {
    const files = await readdir(this.#folder).catch(() => []);
    const kept = files.filter((file) => file.endsWith(".json")).sort();
    const found = await Promise.all(kept.map((file) => this.#read(join(this.#folder, file))));
    return found.filter((workspace) => workspace !== undefined);
  }

  /** The workspace of that name; an empty one where there is none. */
  async get(id: string): Promise<Workspace> {
    return (await this.#read(this.#fileOf(id))) ?? { data: {}, metadata: { id } };
  }

  async set(id: string, data: object): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeWhole(this.#fileOf(id), JSON.stringify({ data, metadata: { id } } satisfies Workspace));
  }

  async delete(id: string): Promise<void> {
    await rm(this.#fileOf(id), { force: true });
  }

  /** A file that cannot be read counts as none: the page then begins afresh. */
  async #read(file: string): Promise<Workspace | undefined> {
    try {
      return JSON.parse(await readFile(file, "utf8")) as Workspace;
    } catch {
      return undefined;
    }
  }

  #fileOf(id: string): string {
    return join(this.#folder, `${encodeURIComponent(id)}.json`);
  }
}
