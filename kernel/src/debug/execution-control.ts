import type { Debugger } from "node:inspector";
import type { Breakpoints } from "./breakpoints.ts";
import { type ExceptionStops, exceptionText } from "./exceptions.ts";
import type { Frames, UserFrame } from "./frames.ts";
import type { InspectorClient } from "./inspector-client.ts";
import type { RemoteValue } from "./messages.ts";

/** How often a step is repeated that has not left its line, for example in a loop on one line. */
const repeats = 200;
/** How many frames of Node a pause is led out of before it is tried again. */
const stepsOut = 30;

type StepKind = "stepOver" | "stepInto" | "stepOut";

interface Step {
  readonly kind: StepKind;
  readonly from: { readonly line: number; readonly path: string; readonly callee: string; readonly depth: number };
  repeated: number;
}

/** Why and where the cell has stopped. */
export interface Stop {
  readonly reason: "breakpoint" | "step" | "exception" | "pause";
  readonly description: string;
  readonly text?: string;
  readonly breakpoints: readonly number[];
  readonly frames: readonly UserFrame[];
  readonly exception?: RemoteValue;
}

export interface ExecutionEvents {
  stopped(stop: Stop): void;
  continued(): void;
}

/** Lets the main thread go on and steps it, by the user's lines, and says when it has stopped. */
export class ExecutionControl {
  readonly #inspector: InspectorClient;
  readonly #frames: Frames;
  readonly #breakpoints: Breakpoints;
  readonly #exceptions: ExceptionStops;
  readonly #events: ExecutionEvents;
  #stop: Stop | undefined;
  #step: Step | undefined;
  #pauseAsked = false;
  #ledOut = 0;

  constructor(parts: {
    inspector: InspectorClient;
    frames: Frames;
    breakpoints: Breakpoints;
    exceptions: ExceptionStops;
    events: ExecutionEvents;
  }) {
    this.#inspector = parts.inspector;
    this.#frames = parts.frames;
    this.#breakpoints = parts.breakpoints;
    this.#exceptions = parts.exceptions;
    this.#events = parts.events;
  }

  /** Where the cell is stopped now. */
  get stop(): Stop | undefined {
    return this.#stop;
  }

  async continue(): Promise<void> {
    this.#step = undefined;
    this.#leave();
    await this.#inspector.post("Debugger.resume");
  }

  /** Goes on to the next line: over calls, into them, or out of the function. */
  async step(kind: StepKind): Promise<void> {
    const top = this.#stop?.frames.find(({ live }) => live);
    const depth = this.#stop?.frames.filter(({ live }) => live).length ?? 0;
    this.#step = top && { kind, from: { line: top.line, path: top.path, callee: calleeOf(top), depth }, repeated: 0 };
    this.#leave();
    await this.#inspector.post(`Debugger.${kind}`);
  }

  /** Stops at the next line that runs, whenever that is. */
  async pause(): Promise<void> {
    if (this.#stop) return;
    this.#pauseAsked = true;
    this.#ledOut = 0;
    await this.#inspector.post("Debugger.pause");
  }

  /** Takes a pause that V8 reports: one that the user should see, or a stage on the way there. */
  async paused(pause: Debugger.PausedEventDataType): Promise<void> {
    const frames = this.#frames.of(pause);
    const stop = await this.#stopOf(pause, frames);
    if (!stop) return;
    this.#step = undefined;
    this.#pauseAsked = false;
    this.#stop = { ...stop, frames };
    this.#events.stopped(this.#stop);
  }

  /** Something else, such as an interrupt, has let the main thread go on. */
  resumed(): void {
    this.#leave();
  }

  /** The runtime or the session with it is gone. */
  reset(): void {
    this.#step = undefined;
    this.#pauseAsked = false;
    this.#leave();
  }

  async #stopOf(
    pause: Debugger.PausedEventDataType,
    frames: readonly UserFrame[],
  ): Promise<Omit<Stop, "frames"> | undefined> {
    const isException = pause.reason === "exception" || pause.reason === "promiseRejection";
    if (isException && (await this.#exceptions.stopsAt(frames)))
      return {
        reason: "exception",
        description: "Paused on exception",
        text: exceptionText(pause),
        breakpoints: [],
        exception: pause.data as unknown as RemoteValue,
      };
    const top = pause.callFrames[0];
    const isUsers = top !== undefined && this.#frames.isUsers(top);
    const breakpoints = this.#breakpoints.hit(pause.hitBreakpoints ?? []);
    if (breakpoints.length > 0 && frames.length > 0)
      return { reason: "breakpoint", description: "Paused on breakpoint", breakpoints };
    if (isException || pause.reason === "OOM") return this.#goOn();
    if (!isUsers) return this.#leadOut(frames);
    if (this.#step) {
      if (this.#hasMoved(this.#step, frames)) return { reason: "step", description: "Paused on step", breakpoints };
      return this.#goOn();
    }
    if (this.#pauseAsked) return { reason: "pause", description: "Paused on request", breakpoints };
    return { reason: "breakpoint", description: "Paused on debugger statement", breakpoints };
  }

  // A line may be several statements of generated code, or code that the converter has added.
  #hasMoved(step: Step, frames: readonly UserFrame[]): boolean {
    const [top] = frames;
    const { line, path, callee, depth } = step.from;
    if (!top || step.repeated++ >= repeats) return true;
    if (step.kind === "stepOut") return true;
    const isSame = top.line === line && top.path === path && calleeOf(top) === callee;
    return !isSame || frames.filter(({ live }) => live).length !== depth;
  }

  /** Repeats the step under way, or goes on. */
  #goOn(): undefined {
    void this.#ask(this.#step ? `Debugger.${this.#step.kind}` : "Debugger.resume");
  }

  /** Leaves code that the user did not write. */
  #leadOut(frames: readonly UserFrame[]): undefined {
    if (this.#step) {
      // At the end of a step out there may be code that the converter has added.
      if (this.#step.kind === "stepOut") this.#step = { ...this.#step, kind: "stepOver" };
      if (this.#step.repeated++ < repeats) return this.#goOn();
      this.#step = undefined;
    }
    if (!this.#pauseAsked) return this.#goOn();
    if (frames.some(({ isLibrary }) => !isLibrary) && this.#ledOut++ < stepsOut) void this.#ask("Debugger.stepOut");
    else {
      this.#ledOut = 0;
      void this.#ask("Debugger.resume");
      void this.#ask("Debugger.pause");
    }
  }

  // The session may end at any time, and what was asked with it.
  #ask(method: string): Promise<unknown> {
    return this.#inspector.post(method).catch(() => undefined);
  }

  #leave(): void {
    if (!this.#stop) return;
    this.#stop = undefined;
    this.#events.continued();
  }
}

function calleeOf({ live }: UserFrame): string {
  const place = live?.functionLocation;
  return place ? `${place.scriptId}:${place.lineNumber}:${place.columnNumber ?? 0}` : "";
}
