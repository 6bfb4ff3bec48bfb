import { appendFile, open, rm } from "node:fs/promises";
import { BadRequest } from "../problems.ts";
import { draftOf, replaceBy } from "./atomic-file.ts";
import { quoted } from "./root-folder.ts";

/** How long the next part of an upload may keep us waiting, in milliseconds. */
const PATIENCE = 10 * 60 * 1000;
/** What marks the last part. */
const LAST = -1;

interface Upload {
  readonly draft: string;
  next: number;
  timer: NodeJS.Timeout | undefined;
}

/** Big files that come in parts. Nobody sees the file before its last part is there. */
export class Uploads {
  readonly #uploads = new Map<string, Upload>();

  /**
   * Takes a part: the first has the number 1, the last -1.
   * @returns the file as far as it has come, the final one after the last part.
   * @throws BadRequest when a part is missing before this one.
   */
  async take(file: string, path: string, part: number, data: string | Uint8Array): Promise<string> {
    if (part === 1) await this.#begin(file);
    const upload = this.#uploads.get(file);
    if (!upload || (part !== LAST && part !== upload.next)) {
      await this.#drop(file);
      const expected = upload ? `part ${upload.next}` : "part 1";
      throw new BadRequest(
        `${quoted(path)}: part ${part} of an upload came, ${expected} was expected. Upload it anew.`,
      );
    }
    upload.next++;
    clearTimeout(upload.timer);
    await appendFile(upload.draft, data);
    if (part !== LAST) {
      upload.timer = setTimeout(() => void this.#drop(file), PATIENCE).unref();
      return upload.draft;
    }
    this.#uploads.delete(file);
    const handle = await open(upload.draft, "r+");
    await handle.sync().finally(() => handle.close());
    await replaceBy(upload.draft, file);
    return file;
  }

  /** Removes what has come of uploads that are not complete. */
  async close(): Promise<void> {
    await Promise.all([...this.#uploads.keys()].map((file) => this.#drop(file)));
  }

  async #begin(file: string): Promise<void> {
    await this.#drop(file);
    const draft = draftOf(file);
    await open(draft, "wx").then((handle) => handle.close());
    this.#uploads.set(file, { draft, next: 1, timer: undefined });
  }

  async #drop(file: string): Promise<void> {
    const upload = this.#uploads.get(file);
    this.#uploads.delete(file);
    clearTimeout(upload?.timer);
    if (upload) await rm(upload.draft, { force: true });
  }
}
