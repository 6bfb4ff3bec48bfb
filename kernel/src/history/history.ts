import { join } from "node:path";
import { surroundings, userDataFolder } from "../install/jupyter-folders.ts";
import type { HistoryEntry } from "../protocol/messages.ts";
import type { HistoryRequest } from "../protocol/requests.ts";
import { type Line, SessionFiles } from "./session-files.ts";

/** The longest output that is kept, in UTF-16 units: history is for recalling, not for storing results. */
const keptOutput = 10_000;

/** A line with the number of its session. */
type Found = readonly [session: number, line: Line];

/**
 * What was executed, in this session and, where a folder for them can be written, in those before it.
 * Sessions are numbered from 1; requests may count them backwards from the present one, which is 0.
 */
export class History {
  readonly #lines: Line[] = [];
  readonly #files: SessionFiles | undefined;
  #session: number | undefined;

  /** Keeps sessions in the given folder, or only in memory without one. */
  constructor(folder: string | undefined = historyFolder()) {
    this.#files = folder === undefined ? undefined : openOrNothing(folder);
  }

  /** Notes a cell that is about to be executed. */
  add(line: number, input: string): void {
    this.#lines.push({ line, input, output: null });
    this.#write({ line, input });
  }

  /** Notes the textual result of a cell. */
  setOutput(line: number, text: string): void {
    const found = this.#lines.findLast((entry) => entry.line === line);
    if (!found) return;
    found.output = text.slice(0, keptOutput);
    this.#write({ line, output: found.output });
  }

  /** Answers a history request: a range of one session's lines, the last ones of all, or those that match a glob. */
  find(request: HistoryRequest): HistoryEntry[] {
    return this.#select(request).map(([session, { line, input, output }]) => [
      session,
      line,
      request.output ? [input, output] : input,
    ]);
  }

  close(): void {
    this.#files?.close();
  }

  #select(request: HistoryRequest): Found[] {
    const { hist_access_type: access, session, start, stop, n, pattern, unique } = request;
    switch (access) {
      case "range":
        return this.#range(session ?? 0, start ?? 0, stop ?? Number.POSITIVE_INFINITY);
      case "tail":
        return this.#latest(n, () => true);
      case "search": {
        const matches = globPattern(pattern ?? "*");
        const seen = new Set<string>();
        return this.#latest(n, ({ input }) => {
          if (!matches.test(input) || (unique && seen.has(input))) return false;
          seen.add(input);
          return true;
        });
      }
    }
  }

  #range(session: number, start: number, stop: number): Found[] {
    const number = session > 0 ? session : this.#present + session;
    const lines = number === this.#present ? this.#lines : (this.#files?.read(number) ?? []);
    const end = (lines.at(-1)?.line ?? 0) + 1;
    const from = start < 0 ? end + start : start;
    const to = stop < 0 ? end + stop : stop;
    return lines.filter(({ line }) => line >= from && line < to).map((line) => [number, line]);
  }

  /** The last `n` lines, or all, for which `wanted` holds; older sessions are read only as far as needed. */
  #latest(n: number | null | undefined, wanted: (line: Line) => boolean): Found[] {
    const most = n ?? Number.POSITIVE_INFINITY;
    const found: Found[] = [];
    for (const [session, lines] of this.#sessionsBackwards())
      for (const line of lines.toReversed()) {
        if (found.length >= most) return found.reverse();
        if (wanted(line)) found.push([session, line]);
      }
    return found.reverse();
  }

  *#sessionsBackwards(): Generator<[number, readonly Line[]]> {
    yield [this.#present, this.#lines];
    for (const session of this.#files?.sessions().toReversed() ?? [])
      if (session !== this.#session) yield [session, this.#files!.read(session)];
  }

  /** The number of this session, or the one it will probably get: it takes one only when it has something to keep. */
  get #present(): number {
    return this.#session ?? (this.#files?.sessions().at(-1) ?? 0) + 1;
  }

  #write(entry: Partial<Line>): void {
    try {
      this.#session ??= this.#files?.begin() ?? 1;
      this.#files?.append(entry);
    } catch {
      // A full disk must not keep a cell from running; this session is still remembered while it lasts.
    }
  }
}

/** Where sessions are kept: in the user's Jupyter folder, or where `GRADBOOK_HISTORY` says; `off` keeps none. */
function historyFolder(): string | undefined {
  const named = process.env.GRADBOOK_HISTORY;
  if (named === "off") return undefined;
  return named || join(userDataFolder(surroundings()), "gradbook", "history");
}

function openOrNothing(folder: string): SessionFiles | undefined {
  try {
    return new SessionFiles(folder);
  } catch {
    return undefined;
  }
}

function globPattern(glob: string): RegExp {
  const source = glob.replace(/[.+^${}()|[\]\\*?]/g, (character) =>
    character === "*" ? ".*" : character === "?" ? "." : `\\${character}`,
  );
  return new RegExp(`^${source}$`, "s");
}
