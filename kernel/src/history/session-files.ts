import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** One executed cell: its number, what was typed and, where there was one, the result as text. */
export interface Line {
  readonly line: number;
  readonly input: string;
  output: string | null;
}

/** More sessions than these are not kept. */
const keptSessions = 1000;
const fileName = /^(\d{8})\.jsonl$/;

/**
 * The sessions of all kernels of a user: a folder with one file each, which only the kernel of that session writes,
 * by appending lines of JSON. So nothing has to be locked, and a kernel that is killed loses nothing.
 */
export class SessionFiles {
  readonly #folder: string;
  #file: number | undefined;

  /** @throws Error when the folder cannot be made or read. */
  constructor(folder: string) {
    this.#folder = folder;
    // Whoever can read what a user has typed may learn secrets.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const session of this.sessions().slice(0, -keptSessions)) rmSync(this.#path(session), { force: true });
  }

  /** The numbers of all sessions that have a file, in ascending order. */
  sessions(): number[] {
    return readdirSync(this.#folder)
      .flatMap((name) => Number(fileName.exec(name)?.[1] ?? []))
      .sort((a, b) => a - b);
  }

  /** Begins a session that no other kernel has; returns its number. */
  begin(): number {
    for (let session = (this.sessions().at(-1) ?? 0) + 1; ; session++)
      try {
        this.#file = openSync(this.#path(session), "ax", 0o600);
        return session;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
  }

  /** Notes something in the session that was begun. */
  append(entry: Partial<Line>): void {
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(entry)}\n`);
  }

  /** What was noted in a session; nothing for one that has no file. */
  read(session: number): Line[] {
    let text: string;
    try {
      text = readFileSync(this.#path(session), "utf8");
    } catch {
      return [];
    }
    const lines = new Map<number, Line>();
    for (const row of text.split("\n")) {
      const entry = parsed(row);
      if (typeof entry?.line !== "number") continue;
      if (typeof entry.input === "string")
        lines.set(entry.line, { line: entry.line, input: entry.input, output: null });
      const line = lines.get(entry.line);
      if (line && typeof entry.output === "string") line.output = entry.output;
    }
    return [...lines.values()];
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #path(session: number): string {
    return join(this.#folder, `${String(session).padStart(8, "0")}.jsonl`);
  }
}

// The last row of a kernel that is writing, or was killed while it wrote, may be cut off.
function parsed(row: string): Partial<Line> | undefined {
  try {
    return JSON.parse(row) as Partial<Line>;
  } catch {
    return undefined;
  }
}
