import type { Debugger } from "node:inspector";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { UserFrame } from "./frames.ts";
import type { DebuggedScript } from "./sources.ts";

/** Which exceptions stop the cell, as clients offer them. */
export const exceptionFilters: DebugProtocol.ExceptionBreakpointsFilter[] = [
  {
    filter: "raised",
    label: "Raised Exceptions",
    description: "Stops wherever an exception is thrown.",
    default: false,
  },
  {
    filter: "uncaught",
    label: "Uncaught Exceptions",
    description: "Stops where an exception is thrown that makes the cell fail.",
    default: true,
  },
];

/** Whether what is thrown at a place is caught there; answered by the language process. */
type IsCaughtAt = (script: DebuggedScript, line: number, column: number) => Promise<boolean>;

/** Decides which exceptions stop the cell. */
export class ExceptionStops {
  readonly #isCaughtAt: IsCaughtAt;
  #filters: ReadonlySet<string> = new Set();

  constructor(isCaughtAt: IsCaughtAt) {
    this.#isCaughtAt = isCaughtAt;
  }

  set filters(filters: readonly string[]) {
    this.#filters = new Set(filters);
  }

  /** What V8 is asked for. It takes every exception for caught that the kernel itself would show: we sort them. */
  get state(): "all" | "none" {
    return this.#filters.has("raised") || this.#filters.has("uncaught") ? "all" : "none";
  }

  /** Whether to stop at an exception. */
  async stopsAt(frames: readonly UserFrame[]): Promise<boolean> {
    if (frames.length === 0) return false;
    if (this.#filters.has("raised")) return true;
    for (const { script, line, column, isLibrary } of frames) {
      // What libraries throw among themselves is usually how they work.
      if (isLibrary) continue;
      if (script && (await this.#isCaughtAt(script, line, column))) return false;
    }
    return this.#filters.has("uncaught");
  }
}

/** An exception's own words, from what V8 gives with the pause. */
export function exceptionText({ data }: Debugger.PausedEventDataType): string {
  const thrown = data as { description?: string; value?: unknown } | undefined;
  return (thrown?.description ?? String(thrown?.value)).split("\n")[0] ?? "";
}
