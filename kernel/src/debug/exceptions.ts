import type { Debugger } from "node:inspector";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { UserFrame } from "./frames.ts";
import type { InspectorClient } from "./inspector-client.ts";

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

/** Whether what is thrown at a place is caught around it; line from one, column from zero. */
type IsCaughtAt = (code: string, line: number, column: number) => Promise<boolean>;

/** Decides which exceptions stop the cell. */
export class ExceptionStops {
  readonly #inspector: InspectorClient;
  readonly #isCaughtAt: IsCaughtAt;
  #filters: ReadonlySet<string> = new Set();

  constructor(inspector: InspectorClient, isCaughtAt: IsCaughtAt) {
    this.#inspector = inspector;
    this.#isCaughtAt = isCaughtAt;
  }

  set filters(filters: readonly string[]) {
    this.#filters = new Set(filters);
  }

  /** What V8 is asked for. It takes every exception for caught that the kernel itself would show: we sort them. */
  get state(): "all" | "none" {
    return this.#filters.has("raised") || this.#filters.has("uncaught") ? "all" : "none";
  }

  /** Whether to stop at an exception, given where it was thrown and the user's frames there. */
  async stopsAt(pause: Debugger.PausedEventDataType, users: readonly UserFrame[]): Promise<boolean> {
    const { callFrames } = pause;
    // What ends an interrupted cell is no mistake of anybody's.
    if (users.length === 0 || exceptionText(pause).startsWith("KeyboardInterrupt:")) return false;
    if (this.#filters.has("raised")) return true;
    if (!this.#filters.has("uncaught")) return false;
    const byFrame = new Map(users.map((user) => [user.live, user]));
    // Below the last frame of the user there is only the kernel, which catches everything to show it.
    const end = callFrames.findLastIndex((frame) => byFrame.has(frame)) + 1;
    for (const frame of callFrames.slice(0, end)) if (await this.#catches(frame, byFrame.get(frame))) return false;
    for (const user of users) if (!user.live && (await this.#catches(undefined, user))) return false;
    return true;
  }

  async #catches(frame: Debugger.CallFrame | undefined, user: UserFrame | undefined): Promise<boolean> {
    if (user?.script) return this.#isCaughtAt(user.script.text, user.line, user.column - 1);
    if (!frame) return false;
    const { scriptId, lineNumber, columnNumber = 0 } = frame.location;
    const { scriptSource } = await this.#inspector.post<Debugger.GetScriptSourceReturnType>(
      "Debugger.getScriptSource",
      {
        scriptId,
      },
    );
    return this.#isCaughtAt(scriptSource, lineNumber + 1, columnNumber);
  }
}

/** An exception's own words, from what V8 gives with the pause. */
export function exceptionText({ data }: Debugger.PausedEventDataType): string {
  const thrown = data as { description?: string; value?: unknown } | undefined;
  return (thrown?.description ?? String(thrown?.value)).split("\n")[0] ?? "";
}
