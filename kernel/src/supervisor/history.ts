import type { HistoryEntry, HistoryRequest } from "../protocol/messages.ts";

interface Line {
  readonly line: number;
  readonly input: string;
  output: string | null;
}

/** What was executed since the kernel started: one session, numbered 1. */
export class History {
  readonly #session = 1;
  readonly #lines: Line[] = [];

  add(line: number, input: string): void {
    this.#lines.push({ line, input, output: null });
  }

  /** Notes the textual result of the latest input. */
  setOutput(text: string): void {
    const last = this.#lines.at(-1);
    if (last) last.output = text;
  }

  /** Answers a history request: a range of lines, the last ones, or those that match a glob. */
  find(request: Partial<HistoryRequest>): HistoryEntry[] {
    return this.#select(request).map(({ line, input, output }) => [
      this.#session,
      line,
      request.output ? [input, output] : input,
    ]);
  }

  #select({
    hist_access_type: access,
    session = 0,
    start = 0,
    stop,
    n,
    pattern = "*",
    unique,
  }: Partial<HistoryRequest>) {
    if (access === "range") {
      // 0 is the current session, and so is its number; negative numbers count sessions before it.
      if (session !== 0 && session !== this.#session) return [];
      return this.#lines.filter(({ line }) => line >= start && (stop == null || line < stop));
    }
    let lines = this.#lines;
    if (access === "search") {
      const matches = globPattern(pattern);
      lines = lines.filter(({ input }) => matches.test(input));
      if (unique) lines = [...new Map(lines.map((line) => [line.input, line])).values()];
    }
    return n == null ? lines : lines.slice(Math.max(0, lines.length - n));
  }
}

function globPattern(glob: string): RegExp {
  const source = glob.replace(/[.+^${}()|[\]\\*?]/g, (character) =>
    character === "*" ? ".*" : character === "?" ? "." : `\\${character}`,
  );
  return new RegExp(`^${source}$`, "s");
}
