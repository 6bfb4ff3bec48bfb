import type { Debugger } from "node:inspector";
import type { Breakpoints } from "./breakpoints.ts";
import { type ExceptionStops, exceptionText } from "./exceptions.ts";
import type { Frames, UserFrame } from "./frames.ts";
import type { InspectorClient } from "./inspector-client.ts";
import type { RemoteValue } from "./messages.ts";

/** How often a step is repeated that has not left its line, for example in a loop on one line. */
const repeats = 200;
/** How many functions of Node a pause is led out of before it is tried again. */
const stepsOut = 500;

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
  /** Counts pauses and their ends, to know a pause that is over. */
  #pauses = 0;
  /** Whether V8 may still be making a step that nobody waits for. */
  #isStale = false;

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
    await this.#ask("Debugger.resume");
  }

  /** Goes on to the next line: over calls, into them, or out of the function. */
  async step(kind: StepKind): Promise<void> {
    const top = this.#stop?.frames.find(({ live }) => live);
    const depth = this.#stop?.frames.filter(({ live }) => live).length ?? 0;
    this.#step = top && { kind, from: { line: top.line, path: top.path, callee: calleeOf(top), depth }, repeated: 0 };
    this.#leave();
    await this.#ask(`Debugger.${kind}`);
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
    const number = ++this.#pauses;
    const frames = this.#frames.of(pause);
    const stop = await this.#stopOf(pause, frames);
    // Meanwhile an interrupt or a client may have let it go on.
    if (!stop || number !== this.#pauses) return;
    this.#step = undefined;
    this.#pauseAsked = false;
    this.#stop = { ...stop, frames };
    this.#events.stopped(this.#stop);
  }

  /** A cell is over, and with it the step that led past its end; the next one does not begin with a stop. */
  forgetStep(): void {
    this.#isStale = this.#step !== undefined;
    this.#step = undefined;
  }

  /** Something else, such as an interrupt, has let the main thread go on. */
  resumed(): void {
    this.#pauses++;
    this.#leave();
  }

  /** The runtime or the session with it is gone. */
  reset(): void {
    this.#pauses++;
    this.#step = undefined;
    this.#pauseAsked = false;
    this.#leave();
  }

  async #stopOf(
    pause: Debugger.PausedEventDataType,
    frames: readonly UserFrame[],
  ): Promise<Omit<Stop, "frames"> | undefined> {
    const isException = pause.reason === "exception" || pause.reason === "promiseRejection";
    if (isException && (await this.#exceptions.stopsAt(pause, frames)))
      return {
        reason: "exception",
        description: "Paused on exception",
        text: exceptionText(pause),
        breakpoints: [],
        exception: pause.data as unknown as RemoteValue,
      };
    const top = pause.callFrames[0];
    const owner = top ? this.#frames.ownerOf(top) : "others";
    const breakpoints = this.#breakpoints.hit(pause.hitBreakpoints ?? []);
    if (breakpoints.length > 0 && frames.length > 0) {
      if (top && frames[0]?.isLibrary) this.#frames.enter(top);
      return { reason: "breakpoint", description: "Paused on breakpoint", breakpoints };
    }
    if (isException || pause.reason === "OOM") return this.#step ? this.#goOn() : this.#resume();
    if (owner === "converter") return this.#goOn();
    if (owner === "others") return this.#leadOut();
    if (this.#step) {
      if (this.#hasMoved(this.#step, frames, pause.asyncStackTrace !== undefined))
        return { reason: "step", description: "Paused on step", breakpoints };
      return this.#goOn();
    }
    if (this.#isStale) {
      this.#isStale = false;
      return this.#goOn();
    }
    if (this.#pauseAsked) return { reason: "pause", description: "Paused on request", breakpoints };
    return { reason: "breakpoint", description: "Paused on debugger statement", breakpoints };
  }

  // A line may be several statements of generated code, or code that the converter has added.
  #hasMoved(step: Step, frames: readonly UserFrame[], isAwaited: boolean): boolean {
    const [top] = frames;
    const { line, path, callee, depth } = step.from;
    if (!top || step.repeated++ >= repeats) return true;
    if (step.kind === "stepOut") return true;
    if (top.line !== line || top.path !== path || calleeOf(top) !== callee) return true;
    const now = frames.filter(({ live }) => live).length;
    // After an await, a function goes on without those who called it.
    return now !== depth && !(now === 1 && isAwaited);
  }

  /** Repeats the step under way, goes one step on where a pause was asked for, or goes on. */
  #goOn(): undefined {
    // At the end of a step out there may be code that the converter has added.
    const kind = this.#step?.kind === "stepOut" || this.#pauseAsked ? "stepOver" : this.#step?.kind;
    void this.#ask(`Debugger.${kind ?? "resume"}`);
  }

  /** Leaves code that the user did not write. V8 cannot be told to step past what belongs to Node. */
  #leadOut(): undefined {
    if (this.#step && this.#step.repeated++ >= repeats) this.#step = undefined;
    if (this.#step || (this.#pauseAsked && this.#ledOut++ < stepsOut)) return void this.#ask("Debugger.stepOut");
    this.#ledOut = 0;
    this.#resume();
  }

  #resume(): undefined {
    void this.#ask("Debugger.resume");
    if (this.#pauseAsked) void this.#ask("Debugger.pause");
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
