import type { Debugger, Runtime } from "node:inspector";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { InspectorClient } from "./inspector-client.ts";
import type { DebuggedScript, DebuggedSources } from "./sources.ts";

/** The kernel's own code, as V8 names it. */
const kernelFolder = new URL("../", import.meta.url).href;
const isLibrary = (url: string) => url.includes("/node_modules/");

/** Whether a script is one that stepping skips: the kernel's, and libraries. */
export function isForeign(url: string): boolean {
  return url.startsWith(kernelFolder) || isLibrary(url);
}

/** A frame that the user sees. */
export interface UserFrame {
  readonly id: number;
  readonly name: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly isLibrary: boolean;
  readonly script: DebuggedScript | undefined;
  /** The inspector's frame; one that awaits the others has none. */
  readonly live: Debugger.CallFrame | undefined;
}

/** Finds the user's frames among V8's, in their own lines and names. */
export class Frames {
  readonly #inspector: InspectorClient;
  readonly #sources: DebuggedSources;
  readonly #entered = new Set<string>();
  #lastId = 0;

  constructor(inspector: InspectorClient, sources: DebuggedSources) {
    this.#inspector = inspector;
    this.#sources = sources;
  }

  /** The frames of the user's code, and of libraries that it calls; then those that await them. */
  of({ callFrames, asyncStackTrace }: Debugger.PausedEventDataType): UserFrame[] {
    const live = callFrames.flatMap((frame) => {
      const { location, functionName, functionLocation } = frame;
      const isTop = functionLocation !== undefined && functionLocation.lineNumber < 0;
      return this.#frame(location, functionName, isTop, frame) ?? [];
    });
    return [...live, ...this.#awaiting(asyncStackTrace, live.at(-1))];
  }

  /** Whose code V8 has stopped in: the user's, what the converter has added to it, or Node's, the kernel's, a library's. */
  ownerOf({ location }: Debugger.CallFrame): "user" | "converter" | "others" {
    if (this.#sources.byUrl(this.#inspector.urlOf(location.scriptId)))
      return this.#frame(location, "", false, undefined) ? "user" : "converter";
    const frame = this.#frame(location, "", false, undefined);
    return frame && !frame.isLibrary ? "user" : "others";
  }

  /** Treats a library as the user's own code from now on: a breakpoint has stopped in it. */
  enter({ location: { scriptId } }: Debugger.CallFrame): void {
    this.#entered.add(this.#inspector.urlOf(scriptId));
    this.#inspector.post("Debugger.setBlackboxedRanges", { scriptId, positions: [] }).catch(() => undefined);
  }

  #awaiting(trace: Runtime.StackTrace | undefined, last: UserFrame | undefined): UserFrame[] {
    const frames: UserFrame[] = [];
    let previous = last;
    for (let part = trace; part; part = part.parent)
      for (const { scriptId, lineNumber, columnNumber, functionName } of part.callFrames) {
        const frame = this.#frame({ scriptId, lineNumber, columnNumber }, functionName, functionName === "", undefined);
        // What awaits is first listed where the function that goes on now was itself.
        if (!frame || (frame.name === previous?.name && frame.path === previous.path)) continue;
        previous = frame;
        frames.push(frame);
      }
    return frames;
  }

  #frame(
    { scriptId, lineNumber, columnNumber = 0 }: Debugger.Location,
    functionName: string,
    isTop: boolean,
    live: Debugger.CallFrame | undefined,
  ): UserFrame | undefined {
    const url = this.#inspector.urlOf(scriptId);
    const script = this.#sources.byUrl(url);
    const name = functionName || (isTop && script ? script.name : "(anonymous)");
    if (script) {
      const place = script.original(lineNumber, columnNumber);
      if (!place) return undefined;
      return { id: ++this.#lastId, name, path: script.path, ...place, isLibrary: false, script, live };
    }
    if (url === "" || url.startsWith("node:") || url.startsWith(kernelFolder) || url.startsWith("evalmachine"))
      return undefined;
    const path = url.startsWith("file:") ? fileURLToPath(url) : url;
    const place = { line: lineNumber + 1, column: columnNumber + 1 };
    return {
      id: ++this.#lastId,
      name,
      path,
      ...place,
      isLibrary: isLibrary(url) && !this.#entered.has(url),
      script,
      live,
    };
  }
}

/** A frame as clients want it. */
export function stackFrame({ id, name, path, line, column, isLibrary, live }: UserFrame): DebugProtocol.StackFrame {
  const source = { name: isLibrary ? `${basename(dirname(path))}/${basename(path)}` : basename(path), path };
  const subtle = isLibrary || !live;
  return {
    id,
    name: live ? name : `await in ${name}`,
    source,
    line,
    column,
    ...(subtle && { presentationHint: "subtle" }),
  };
}
