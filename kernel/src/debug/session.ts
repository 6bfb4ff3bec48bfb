import { readFile } from "node:fs/promises";
import type { Debugger } from "node:inspector";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { LanguageService } from "../session/messages.ts";
import { Breakpoints } from "./breakpoints.ts";
import { Evaluation } from "./evaluation.ts";
import { ExceptionStops } from "./exceptions.ts";
import { ExecutionControl, type Stop } from "./execution-control.ts";
import { Frames, isForeign, type UserFrame } from "./frames.ts";
import { InspectorClient } from "./inspector-client.ts";
import type { InspectorCommand, InspectorEvent } from "./messages.ts";
import type { DebuggedSources } from "./sources.ts";
import { Variables } from "./variables.ts";

/** How many calls back through awaits are shown. */
const asyncDepth = 8;

/** What the debugger asks the language process. */
export type Syntax = <Method extends "breakableLines" | "isCaughtAt">(
  method: Method,
  ...parameters: Parameters<LanguageService[Method]>
) => Promise<ReturnType<LanguageService[Method]>>;

export interface SessionEvents {
  send(command: InspectorCommand): void;
  stopped(stop: Stop): void;
  continued(): void;
  breakpoint(breakpoint: DebugProtocol.Breakpoint): void;
}

/** A debugging session with one runtime after another: the parts of the debugger, and the inspector that they share. */
export class DebugSession {
  readonly inspector: InspectorClient;
  readonly breakpoints: Breakpoints;
  readonly exceptions: ExceptionStops;
  readonly execution: ExecutionControl;
  readonly variables: Variables;
  readonly evaluation: Evaluation;
  readonly #sources: DebuggedSources;
  #isDebugging = false;
  #isStarting = false;

  constructor(sources: DebuggedSources, syntax: Syntax, events: SessionEvents) {
    this.#sources = sources;
    this.inspector = new InspectorClient(events.send, (event) => this.#handle(event));
    this.breakpoints = new Breakpoints({
      inspector: this.inspector,
      sources,
      changed: events.breakpoint,
      breakableLines: async (path) => {
        const text = await this.textOf(path);
        return text === undefined ? undefined : syntax("breakableLines", text);
      },
    });
    this.exceptions = new ExceptionStops(this.inspector, (...place) => syntax("isCaughtAt", ...place));
    this.execution = new ExecutionControl({
      inspector: this.inspector,
      frames: new Frames(this.inspector, sources),
      breakpoints: this.breakpoints,
      exceptions: this.exceptions,
      events: {
        stopped: events.stopped,
        continued: () => {
          this.variables.clear();
          events.continued();
        },
      },
    });
    this.variables = new Variables(this.inspector);
    this.evaluation = new Evaluation(this.inspector);
  }

  /** Whether breakpoints stop cells. */
  get isDebugging(): boolean {
    return this.#isDebugging;
  }

  /** Lets breakpoints stop cells. */
  async start(): Promise<void> {
    this.#isStarting = true;
    try {
      await this.#start();
    } finally {
      this.#isStarting = false;
    }
  }

  /** Ends a session that was only there to look at variables, which change now. */
  endLooking(): void {
    if (!this.#isDebugging && !this.#isStarting) this.stop();
  }

  /** Ends the session; a stopped cell goes on. */
  stop(): void {
    this.#isDebugging = false;
    this.execution.reset();
    this.variables.clear();
    this.inspector.close();
  }

  /** The runtime is gone. */
  lose(): void {
    this.#isDebugging = false;
    this.inspector.lose("the runtime died");
    this.execution.reset();
    this.variables.clear();
  }

  async applyExceptions(): Promise<void> {
    await this.inspector.post("Debugger.setPauseOnExceptions", { state: this.exceptions.state });
  }

  /** The frame that a client means; nothing means the notebook as a whole. */
  frame(id: number | undefined): UserFrame | undefined {
    const frames = this.execution.stop?.frames ?? [];
    const found = frames.find((frame) => frame.id === id);
    if (id !== undefined && id !== 0 && frames.length > 0 && !found)
      throw new Error(`the frame ${id} is not known, expected one of the last stackTrace`);
    return found;
  }

  /** A cell or file as the user wrote it. */
  async textOf(path: string): Promise<string | undefined> {
    return this.#sources.textOf(path) ?? (await readFile(path, "utf8").catch(() => undefined));
  }

  async #start(): Promise<void> {
    this.inspector.open();
    await this.inspector.post("Debugger.enable");
    await this.inspector.post("Debugger.setAsyncCallStackDepth", { maxDepth: asyncDepth });
    await this.applyExceptions();
    this.#isDebugging = true;
    await this.breakpoints.reinstall();
  }

  #handle(event: InspectorEvent): void {
    if (event.method === "Debugger.paused") void this.#paused(event.params);
    else if (event.method === "Debugger.resumed") this.execution.resumed();
    else if (event.method === "Debugger.scriptParsed") this.#skip(event.params);
    else if (event.method === "Debugger.breakpointResolved") this.breakpoints.resolved(event.params);
  }

  // By name, with patterns, V8 would do it for all scripts at once; in Node that does not work.
  #skip({ scriptId, url }: { scriptId: string; url: string }): void {
    if (!isForeign(url)) return;
    const positions = [{ lineNumber: 0, columnNumber: 0 }];
    this.inspector.post("Debugger.setBlackboxedRanges", { scriptId, positions }).catch(() => undefined);
  }

  async #paused(pause: Debugger.PausedEventDataType): Promise<void> {
    try {
      await this.execution.paused(pause);
    } catch {
      // Whatever went wrong here, the cell must not hang on it.
      await this.inspector.post("Debugger.resume").catch(() => undefined);
    }
  }
}
