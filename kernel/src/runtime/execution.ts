import { AsyncLocalStorage } from "node:async_hooks";
import type { ExecuteCommand } from "./messages.ts";

/** What ends a cell when the user interrupts it. */
export class Interrupted extends Error {
  override readonly name = "KeyboardInterrupt";

  constructor(stack?: string) {
    super("the cell was interrupted");
    // Where it is made says nothing; where the cell was, the caller may know.
    this.stack = `${this.name}: ${this.message}${stack ? `\n${stack}` : ""}`;
  }
}

/** What an execution is of: a cell, or a message of the page, which has a number but no program. */
type Cause = Pick<ExecuteCommand, "cell" | "notebookCell"> & Partial<ExecuteCommand>;

/** One run of one cell, or what one message of the page sets off. */
export class Execution {
  readonly command: Cause;
  readonly #controller = new AbortController();
  #rejectPending: ((reason: Error) => void) | undefined;
  #signalRead = false;
  #stopped = false;
  #place: { readonly stack?: string } | undefined;
  /** Whether its reply has been given; what it left behind may still run. */
  finished = false;

  constructor(command: Cause) {
    this.command = command;
  }

  /** Aborted when the user interrupts the cell; code that reads it is given time to end by itself. */
  get signal(): AbortSignal {
    this.#signalRead = true;
    return this.#controller.signal;
  }

  /** Whether it was interrupted; to ask does not say, as reading the signal does, that the code will heed it. */
  get interrupted(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Aborts the signal; true when this was the first time and some code had asked for it. */
  abort(): boolean {
    const heeded = this.#signalRead && !this.#controller.signal.aborted;
    this.#controller.abort(new Interrupted());
    return heeded;
  }

  /** Makes the await the cell is in, and every later one, throw. */
  stop(reason: Error): void {
    this.#stopped = true;
    this.#controller.abort(reason);
    this.#rejectPending?.(reason);
  }

  /** Throws when the cell has been stopped. */
  check(): void {
    if (this.#stopped) throw new Interrupted();
  }

  /** Where the cell waits, written as in an error's stack. */
  get waitingAt(): string | undefined {
    return this.#place?.stack?.replace(/^.*\n?/, "");
  }

  /** The value of a promise, unless the cell is stopped first. At most one is awaited at a time. */
  until<T>(value: T | PromiseLike<T>): Promise<T> {
    this.check();
    // Taking down the frames is cheap, writing them out is done when somebody asks.
    this.#place = {};
    Error.captureStackTrace(this.#place, this.until);
    // `resolve` and `reject` go in as they are: only then do error stacks reach across this promise to the cell.
    return new Promise<T>((resolve, reject) => {
      this.#rejectPending = reject;
      Promise.resolve(value).then(resolve, reject);
    });
  }
}

/** Which execution caused what is running now, across awaits, timers and callbacks. */
export const activity = new AsyncLocalStorage<Execution>();
