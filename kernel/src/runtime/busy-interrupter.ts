import { Session } from "node:inspector";
import { setTimeout as sleep } from "node:timers/promises";
import { busyInterruptKey } from "./interruption.ts";
import { isKernelFile, pathOf } from "./stacks.ts";

interface CallFrame {
  readonly callFrameId: string;
  readonly functionName: string;
  readonly url: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number };
}

/** What came of an attempt to stop the main thread. */
export interface Attempt {
  /** `unreachable`: it runs no JavaScript at the moment; the request to pause stays and meets it when it does. */
  readonly answer: "heeding" | "unwinding" | "unreachable";
  /** Where the main thread was, written as in an error's stack. */
  readonly stack?: string;
}

const pauses = 60;
/** Between the pause that shows that the main thread runs and the one that stops it, in milliseconds. */
const grace = 40;
const pauseTime = 120;
const allowedMisses = 4;
const stepsOut = 30;

/** Stops the busy main thread from another thread: it is paused as a debugger would, and its frames are unwound. */
export class BusyInterrupter {
  readonly #session = new Session();
  readonly #urls = new Map<string, string>();
  #paused: CallFrame[] | undefined;
  #notifyPaused: (() => void) | undefined;
  #pauseQueued = false;

  constructor() {
    this.#session.connectToMainThread();
    this.#session.on("Debugger.scriptParsed", ({ params }) => this.#urls.set(params.scriptId, params.url));
    // Native code may end, and the pause come, at any time: also when nobody is waiting for it right now.
    this.#session.on("Debugger.paused", ({ params }) => {
      this.#paused = params.callFrames as CallFrame[];
      this.#notifyPaused?.();
    });
    this.#session.on("Debugger.resumed", () => {
      this.#paused = undefined;
    });
  }

  /**
   * Gives up early where the main thread turns out to be free, which needs no interrupter. One that a debugger holds
   * is not let go on before it ends: its user looks at the next line, and does not want it to run.
   */
  async interrupt(force: boolean, isFree: () => boolean, isHeld = false): Promise<Attempt> {
    void this.#post("Debugger.enable");
    let frames = await this.#pauseInUserCode(isFree);
    if (frames && !force && !isHeld) {
      // A pause shows that it runs. Where it then takes its messages at once, it was only slow, on a busy machine:
      // stopped softly, its `finally` blocks run.
      await this.#resume(false);
      await sleep(grace);
      frames = isFree() ? undefined : await this.#pauseInUserCode(isFree);
    }
    if (!frames) return { answer: "unreachable" };
    const answer = await this.#announce(frames[0]!, force);
    await this.#resume(answer === "unwinding");
    await this.release();
    return { answer, stack: this.#stackOf(frames) };
  }

  /** Takes back any request to pause, and lets a paused main thread go on. */
  async release(): Promise<void> {
    await within(this.#post("Debugger.disable"), 200);
    this.#paused = undefined;
  }

  close(): void {
    this.#session.disconnect();
  }

  /**
   * Pauses outside of Node's and the kernel's own code: unwound in the middle of its bookkeeping of asynchronous
   * contexts, Node aborts the process soon after. Nothing when no JavaScript runs; the request to pause then stays.
   */
  async #pauseInUserCode(isFree: () => boolean): Promise<CallFrame[] | undefined> {
    let frames: CallFrame[] | undefined;
    let missed = 0;
    for (let attempt = 0; attempt < pauses; attempt++) {
      frames = await this.#pause();
      // A loop of promise callbacks can slip past a pause; raw termination there would abort Node.
      if (!frames && (isFree() || ++missed >= allowedMisses)) return undefined;
      if (!frames) continue;
      for (let step = 0; step < stepsOut && !this.#isUsers(frames[0]!); step++) {
        // Called by Node itself, for example around a promise: the next pause is somewhere else.
        if (!frames.some((frame) => this.#isUsers(frame))) break;
        void this.#post("Debugger.stepOut");
        this.#paused = undefined;
        const outer = await this.#nextPaused();
        if (!outer) break;
        frames = outer;
      }
      if (this.#isUsers(frames[0]!)) return frames;
      if (attempt < pauses - 1) await this.#resume(false);
    }
    return frames;
  }

  /** Asks for a pause, unless one asked for earlier has not reached the main thread yet, and waits for it a while. */
  #pause(): Promise<CallFrame[] | undefined> {
    if (!this.#pauseQueued && !this.#paused) {
      this.#pauseQueued = true;
      void this.#post("Debugger.pause").then(() => {
        this.#pauseQueued = false;
      });
    }
    return this.#nextPaused();
  }

  async #nextPaused(): Promise<CallFrame[] | undefined> {
    if (!this.#paused) {
      const paused = new Promise<void>((resolve) => {
        this.#notifyPaused = resolve;
      });
      await within(paused, pauseTime);
    }
    return this.#paused;
  }

  async #resume(terminateOnResume: boolean): Promise<void> {
    this.#paused = undefined;
    await within(this.#post("Debugger.resume", { terminateOnResume }), 300);
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

  #isUsers(frame: CallFrame): boolean {
    const file = this.#fileOf(frame);
    return !file.startsWith("node:") && !isKernelFile(pathOf(file));
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
