import { Session } from "node:inspector";
import { busyInterruptKey } from "./interruption.ts";

interface CallFrame {
  readonly callFrameId: string;
  readonly functionName: string;
  readonly url: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number };
}

/** What came of an attempt to stop the main thread. */
export interface Attempt {
  /** `unreachable`: it runs no JavaScript at the moment, and ends with whatever it does run. */
  readonly answer: "heeding" | "unwinding" | "unreachable";
  /** Where the main thread was, written as in an error's stack. */
  readonly stack?: string;
}

const pauses = 60;
const pauseTime = 120;
const allowedMisses = 4;
const stepsOut = 30;

/** Stops the busy main thread from another thread: it is paused as a debugger would, and its frames are unwound. */
export class BusyInterrupter {
  readonly #session = new Session();
  readonly #urls = new Map<string, string>();

  constructor() {
    this.#session.connectToMainThread();
    this.#session.on("Debugger.scriptParsed", ({ params }) => this.#urls.set(params.scriptId, params.url));
  }

  async interrupt(force: boolean): Promise<Attempt> {
    void this.#post("Debugger.enable");
    try {
      const frames = await this.#pauseInUserCode();
      if (!frames) {
        await within(this.#post("Runtime.terminateExecution"), 500);
        return { answer: "unreachable" };
      }
      const answer = await this.#announce(frames[0]!, force);
      await within(this.#post("Debugger.resume", { terminateOnResume: answer === "unwinding" }), 300);
      return { answer, stack: this.#stackOf(frames) };
    } finally {
      await within(this.#post("Debugger.disable"), 200);
    }
  }

  close(): void {
    this.#session.disconnect();
  }

  /**
   * Pauses outside of Node's own code: unwound in the middle of its bookkeeping of asynchronous contexts,
   * Node aborts the process soon after. Nothing when no JavaScript runs.
   */
  async #pauseInUserCode(): Promise<CallFrame[] | undefined> {
    let frames: CallFrame[] | undefined;
    let missed = 0;
    for (let attempt = 0; attempt < pauses; attempt++) {
      frames = await this.#pausedAfter("Debugger.pause", pauseTime);
      // A loop of promise callbacks can slip past a pause; raw termination there would abort Node.
      if (!frames && ++missed >= allowedMisses) return undefined;
      if (!frames) continue;
      for (let step = 0; step < stepsOut && this.#isNodes(frames[0]!); step++) {
        // Called by Node itself, for example around a promise: the next pause is somewhere else.
        if (frames.every((frame) => this.#isNodes(frame))) break;
        const outer = await this.#pausedAfter("Debugger.stepOut", pauseTime);
        if (!outer) break;
        frames = outer;
      }
      if (!this.#isNodes(frames[0]!)) return frames;
      if (attempt < pauses - 1) await within(this.#post("Debugger.resume"), 300);
    }
    return frames;
  }

  async #announce(frame: CallFrame, force: boolean): Promise<"heeding" | "unwinding"> {
    const evaluation = this.#post<{ result?: { value?: unknown } }>("Debugger.evaluateOnCallFrame", {
      callFrameId: frame.callFrameId,
      expression: `globalThis[Symbol.for(${JSON.stringify(busyInterruptKey)})](${force})`,
      silent: true,
      returnByValue: true,
    });
    return (await within(evaluation, 500))?.result?.value === "heeding" ? "heeding" : "unwinding";
  }

  #pausedAfter(method: string, milliseconds: number): Promise<CallFrame[] | undefined> {
    let listener: (message: { params: { callFrames: unknown[] } }) => void = () => undefined;
    const paused = new Promise<CallFrame[]>((resolve) => {
      listener = ({ params }) => resolve(params.callFrames as CallFrame[]);
      this.#session.once("Debugger.paused", listener);
    });
    void this.#post(method);
    return within(paused, milliseconds).finally(() => this.#session.off("Debugger.paused", listener));
  }

  #isNodes(frame: CallFrame): boolean {
    return this.#fileOf(frame).startsWith("node:");
  }

  #fileOf({ location, url }: CallFrame): string {
    return this.#urls.get(location.scriptId) || url;
  }

  #stackOf(frames: readonly CallFrame[]): string {
    return frames
      .map((frame) => {
        const { lineNumber, columnNumber = 0 } = frame.location;
        const place = `${this.#fileOf(frame)}:${lineNumber + 1}:${columnNumber + 1}`;
        return frame.functionName ? `    at ${frame.functionName} (${place})` : `    at ${place}`;
      })
      .join("\n");
  }

  #post<Result>(method: string, parameters?: object): Promise<Result | undefined> {
    return new Promise((resolve) => {
      this.#session.post(method, parameters, (error, result) => resolve(error ? undefined : (result as Result)));
    });
  }
}

function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
