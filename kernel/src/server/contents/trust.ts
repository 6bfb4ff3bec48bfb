import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { surroundings, userDataFolder } from "../../install/jupyter-folders.ts";
import { isFields, type NotebookContent } from "./notebook-json.ts";

/** How many notebooks are remembered. */
const MOST_REMEMBERED = 20_000;

/**
 * Whose outputs a page may run. A page draws HTML and scripts only in cells that are marked as trusted: those that
 * ran here, or that the user has said to trust. What of it holds when a file is read again is remembered by its hash.
 */
export class TrustedNotebooks {
  readonly #file: string | undefined;
  #hashes: Promise<Set<string>> | undefined;

  /** @param file where hashes are kept; without it they are forgotten with the server. */
  constructor(file?: string) {
    this.#file = file;
  }

  /** Remembers a notebook that has been saved, if all its cells are trusted. */
  async saved(content: unknown, hash: string): Promise<void> {
    const cells = isFields(content) && Array.isArray(content.cells) ? content.cells : [];
    if (cells.every((cell) => !hasOutputs(cell) || (isFields(cell.metadata) && cell.metadata.trusted === true)))
      await this.remember(hash);
  }

  /** Whether the file with this hash is trusted. */
  async includes(hash: string): Promise<boolean> {
    const hashes = await this.#known();
    if (hashes.has(hash)) return true;
    // Another process may have run and saved it meanwhile.
    this.#hashes = this.#read().then((later) => new Set([...hashes, ...later]));
    return (await this.#known()).has(hash);
  }

  /** Trusts the file with this hash. */
  async remember(hash: string): Promise<void> {
    const hashes = await this.#known();
    if (hashes.has(hash)) return;
    hashes.add(hash);
    if (!this.#file) return;
    try {
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
      await appendFile(this.#file, `${hash}\n`, { mode: 0o600 });
    } catch {
      // Where nothing can be kept, trust lasts as long as the server.
    }
  }

  /** Marks the cells of a notebook that has been read. */
  async mark(notebook: NotebookContent, hash: string): Promise<void> {
    const trusted = await this.includes(hash);
    for (const cell of notebook.cells)
      if (cell.cell_type === "code") cell.metadata.trusted = trusted || !hasOutputs(cell);
  }

  #known(): Promise<Set<string>> {
    this.#hashes ??= this.#read();
    return this.#hashes;
  }

  async #read(): Promise<Set<string>> {
    if (!this.#file) return new Set();
    const text = await readFile(this.#file, "utf8").catch(() => "");
    return new Set(
      text
        .split("\n")
        .slice(-MOST_REMEMBERED)
        .filter((line) => /^[0-9a-f]{64}$/.test(line)),
    );
  }
}

/** Where the user's trusted notebooks are remembered. */
export function trustFile(): string {
  return join(userDataFolder(surroundings()), "gradbook", "trusted-notebooks");
}

function hasOutputs(cell: unknown): cell is Record<string, unknown> {
  return isFields(cell) && Array.isArray(cell.outputs) && cell.outputs.length > 0;
}
