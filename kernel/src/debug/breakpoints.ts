import type { Debugger } from "node:inspector";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { conditionOf } from "./conditions.ts";
import type { InspectorClient } from "./inspector-client.ts";
import type { DebuggedScript, DebuggedSources } from "./sources.ts";

interface Breakpoint {
  readonly id: number;
  readonly path: string;
  readonly requested: DebugProtocol.SourceBreakpoint;
  readonly condition: string;
  line: number;
  verified: boolean;
  /** Why it is not verified. */
  message?: string;
  /** Whether it cannot be read, and stops nowhere. */
  readonly isRefused?: boolean;
  /** What the inspector calls it, for each script that was made from the file. */
  readonly installed: Map<string, string>;
}

export interface BreakpointParts {
  readonly inspector: InspectorClient;
  readonly sources: DebuggedSources;
  /** The lines of a file at which code can stop, or nothing when there is no such file. */
  breakableLines(path: string): Promise<readonly number[] | undefined>;
  changed(breakpoint: DebugProtocol.Breakpoint): void;
}

/** The breakpoints of all files, also of code that has not run yet: each waits for what is made from its file. */
export class Breakpoints {
  readonly #parts: BreakpointParts;
  readonly #byPath = new Map<string, Breakpoint[]>();
  #lastId = 0;

  constructor(parts: BreakpointParts) {
    this.#parts = parts;
  }

  /** As clients have set them, for `debugInfo`. */
  get requested(): { source: string; breakpoints: DebugProtocol.SourceBreakpoint[] }[] {
    return [...this.#byPath].map(([source, breakpoints]) => ({
      source,
      breakpoints: breakpoints.map(({ requested, line }) => ({ ...requested, line })),
    }));
  }

  /** Replaces the breakpoints of a file. */
  async set(path: string, requested: readonly DebugProtocol.SourceBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    const before = this.#byPath.get(path) ?? [];
    await Promise.all(before.flatMap(({ installed }) => [...installed.values()].map((id) => this.#remove(id))));
    const lines = await this.#parts.breakableLines(path);
    const breakpoints = requested.map((request) => this.#create(path, request, lines));
    if (breakpoints.length > 0) this.#byPath.set(path, breakpoints);
    else this.#byPath.delete(path);
    await this.#installAll(path, false);
    return breakpoints.map(described);
  }

  /** Sets those of code that is about to run for the first time. */
  async install(scripts: readonly DebuggedScript[]): Promise<void> {
    for (const script of scripts)
      for (const breakpoint of this.#byPath.get(script.path) ?? []) await this.#place(breakpoint, script, true);
  }

  /** Sets all of them in a runtime that has none yet. */
  async reinstall(): Promise<void> {
    for (const [path, breakpoints] of this.#byPath) {
      for (const { installed } of breakpoints) installed.clear();
      await this.#installAll(path, false);
    }
  }

  /** Takes what V8 says about where a breakpoint really is. */
  resolved({ breakpointId, location }: Debugger.BreakpointResolvedEventDataType): void {
    const breakpoint = this.#byInspector(breakpointId);
    if (breakpoint) this.#settle(breakpoint, location, true);
  }

  /** The breakpoints among those that the inspector says were hit. */
  hit(inspectorIds: readonly string[]): number[] {
    return inspectorIds.flatMap((id) => this.#byInspector(id)?.id ?? []);
  }

  clear(): void {
    this.#byPath.clear();
  }

  #create(path: string, requested: DebugProtocol.SourceBreakpoint, lines: readonly number[] | undefined): Breakpoint {
    const id = ++this.#lastId;
    const breakpoint = {
      id,
      path,
      requested,
      condition: "",
      line: requested.line,
      verified: false,
      installed: new Map<string, string>(),
    };
    try {
      const condition = conditionOf(id, requested);
      if (isPlain(path)) return { ...breakpoint, condition, message: "This file has not been loaded yet." };
      if (!lines) return { ...breakpoint, condition, message: `There is no file ${path}.` };
      const line = lines.find((line) => line >= requested.line) ?? lines.at(-1);
      if (line === undefined) return { ...breakpoint, condition, message: "There is no code to stop at." };
      return { ...breakpoint, condition, line, verified: true };
    } catch (error) {
      return { ...breakpoint, isRefused: true, message: (error as Error).message };
    }
  }

  async #installAll(path: string, announce: boolean): Promise<void> {
    if (!this.#parts.inspector.isOpen) return;
    const scripts = this.#parts.sources.ofPath(path);
    for (const breakpoint of this.#byPath.get(path) ?? []) {
      if (breakpoint.isRefused) continue;
      if (isPlain(path)) await this.#placePlain(breakpoint);
      for (const script of scripts) await this.#place(breakpoint, script, announce);
    }
  }

  async #place(breakpoint: Breakpoint, script: DebuggedScript, announce: boolean): Promise<void> {
    if (breakpoint.isRefused) return;
    const place = script.generated(breakpoint.line, breakpoint.requested.column);
    if (!place) return;
    const { lineNumber, columnNumber } = place;
    // The file may have changed: what was made from it before has other lines.
    const before = breakpoint.installed.get(script.url);
    if (before !== undefined) await this.#remove(before);
    await this.#request(breakpoint, script.url, { url: script.url, lineNumber, columnNumber }, announce);
  }

  async #placePlain(breakpoint: Breakpoint): Promise<void> {
    const { path, requested } = breakpoint;
    const names = [path, pathToFileURL(path).href].map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const columnNumber = (requested.column ?? 1) - 1;
    const where = { urlRegex: `^(${names.join("|")})$`, lineNumber: requested.line - 1, columnNumber };
    await this.#request(breakpoint, path, where, false);
  }

  async #request(breakpoint: Breakpoint, key: string, where: object, announce: boolean): Promise<void> {
    const { inspector } = this.#parts;
    const { condition } = breakpoint;
    try {
      const { breakpointId, locations } = await inspector.post<Debugger.SetBreakpointByUrlReturnType>(
        "Debugger.setBreakpointByUrl",
        { ...where, condition },
      );
      breakpoint.installed.set(key, breakpointId);
      for (const location of locations) this.#settle(breakpoint, location, announce);
    } catch {
      // Another breakpoint stands there already, and stops.
    }
  }

  #settle(
    breakpoint: Breakpoint,
    { scriptId, lineNumber, columnNumber = 0 }: Debugger.Location,
    announce: boolean,
  ): void {
    const script = this.#parts.sources.byUrl(this.#parts.inspector.urlOf(scriptId));
    const line = script ? script.original(lineNumber, columnNumber)?.line : lineNumber + 1;
    if (line === undefined || (line === breakpoint.line && breakpoint.verified)) return;
    breakpoint.line = line;
    breakpoint.verified = true;
    delete breakpoint.message;
    if (announce) this.#parts.changed(described(breakpoint));
  }

  #byInspector(id: string): Breakpoint | undefined {
    for (const breakpoints of this.#byPath.values())
      for (const breakpoint of breakpoints) if ([...breakpoint.installed.values()].includes(id)) return breakpoint;
    return undefined;
  }

  async #remove(breakpointId: string): Promise<void> {
    if (this.#parts.inspector.isOpen) await this.#parts.inspector.post("Debugger.removeBreakpoint", { breakpointId });
  }
}

/** Whether a file runs as it is, so that its lines are V8's: those beside the notebook are converted. */
function isPlain(path: string): boolean {
  return path.includes("/node_modules/");
}

function described({ id, path, line, verified, message }: Breakpoint): DebugProtocol.Breakpoint {
  const source = { name: basename(path), path };
  return { id, verified, line, source, ...(message !== undefined && { message }) };
}
