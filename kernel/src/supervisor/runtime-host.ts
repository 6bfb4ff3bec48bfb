import type { CommEvent, CommFrame, CommTargetFrame } from "../comm/messages.ts";
import type { InspectorCommand, InspectorFrame } from "../debug/messages.ts";
import type { ErrorContent } from "../protocol/messages.ts";
import type { DisplayFrame, ExecuteCommand, Outcome } from "../runtime/messages.ts";
import type { Header } from "../wire/message.ts";
import { RuntimeProcess } from "./runtime-process.ts";
import type { StreamCoalescer } from "./streams.ts";

/** How many cells, and how many messages of comms, late output can still be traced to. */
const rememberedCells = 1000;
/** After how many starts in a row that came to nothing no further one is made before the next cell. */
const patience = 3;

export interface RuntimeHostEvents {
  display(frame: DisplayFrame, parent: Header | undefined): void;
  clear(wait: boolean, parent: Header | undefined): void;
  /** A cell waits for an answer of its user. */
  question(question: { readonly prompt: string; readonly password: boolean }, parent: Header | undefined): void;
  /** Called before a cell starts, which waits for it. */
  prepare(command: Omit<ExecuteCommand, "type">): Promise<void>;
  inspector(frame: InspectorFrame): void;
  /**
   * The runtime died and took the variables with it; a fresh one has been started. Where no running cell is told of it
   * by its own end, `parent` is the last that ran.
   */
  lost(why: string, parent: Header | undefined): void;
  comm(frame: CommFrame, parent: Header | undefined): void;
  commTarget(frame: CommTargetFrame): void;
}

/** What became of a cell. */
export type CellEnd = Outcome | { readonly status: "died"; readonly why: string };

/** The error of a cell that was interrupted while it waited for its runtime. */
export const neverStarted: ErrorContent = {
  ename: "KeyboardInterrupt",
  evalue: "the cell was interrupted before it started",
  traceback: ["KeyboardInterrupt: the cell was interrupted before it started"],
};

/** Keeps a runtime running, whatever the user's code does to it, and knows which request its output belongs to. */
export class RuntimeHost {
  readonly #events: RuntimeHostEvents;
  readonly #streams: StreamCoalescer;
  readonly #parents = new Map<number, Header>();
  /** Nothing after it could not be started. */
  #runtime: RuntimeProcess | undefined;
  /** Resolves when cells can run, or with the reason why they cannot. */
  #ready!: Promise<ErrorContent | undefined>;
  #markReady: ((failure?: ErrorContent) => void) | undefined;
  #used = false;
  #failures = 0;
  #held = false;
  #lastCell = 0;
  /** The cells that run, and those that wait for the runtime, each with what ends it. */
  readonly #running = new Map<number, (end: CellEnd) => void>();
  readonly #starting = new Map<number, (end: CellEnd) => void>();
  /** Messages of comms count down, so that they and cells do not get in each other's way. */
  #lastMessage = 0;
  /** Those that have set off something that is not over yet. */
  readonly #handling = new Map<number, () => void>();
  #interrupted = false;

  constructor(streams: StreamCoalescer, events: RuntimeHostEvents) {
    this.#streams = streams;
    this.#events = events;
    this.#start();
  }

  /** Runs a cell for the request with the given header. */
  async execute(command: Omit<ExecuteCommand, "type" | "cell">, parent: Header): Promise<CellEnd> {
    const cell = ++this.#lastCell;
    this.#parents.set(cell, parent);
    this.#parents.delete(cell - rememberedCells);
    this.#interrupted = false;
    if (!this.#runtime) this.#start();
    const end = await new Promise<CellEnd>((resolve) => {
      this.#starting.set(cell, resolve);
      void this.#begin({ cell, ...command });
    });
    // What native code wrote just before the end may be in another pipe: let it be read first.
    await new Promise((resolve) => setImmediate(resolve));
    return end;
  }

  async #begin(command: Omit<ExecuteCommand, "type">): Promise<void> {
    const { cell } = command;
    let failure = await this.#ready;
    if (!failure) {
      await this.#events.prepare(command);
      // The runtime may have been replaced meanwhile.
      failure = await this.#ready;
    }
    const end = this.#starting.get(cell);
    if (!end) return;
    this.#starting.delete(cell);
    if (failure) return end({ status: "error", error: failure, assigned: [] });
    this.#running.set(cell, end);
    this.#used = true;
    this.#runtime?.send({ type: "execute", ...command });
  }

  /** Resolves when there is a runtime that runs cells, or when none can be started. */
  get ready(): Promise<unknown> {
    return this.#ready;
  }

  /** Hands the runtime a message for a comm; resolves when it has been handled. */
  async deliver(event: CommEvent, parent: Header): Promise<void> {
    if (await this.#ready) return;
    const cell = --this.#lastMessage;
    this.#parents.set(cell, parent);
    this.#parents.delete(cell + rememberedCells);
    await new Promise<void>((resolve) => {
      this.#handling.set(cell, resolve);
      this.#used = true;
      this.#runtime?.send({ type: "comm", cell, ...event });
    });
  }

  /** Stops the running cells and what comms have set off, if there are any. */
  interrupt(): void {
    for (const end of this.#starting.values()) end({ status: "error", error: neverStarted, assigned: [] });
    this.#starting.clear();
    if (this.#running.size > 0) this.#interrupted = true;
    if (this.#running.size === 0 && this.#handling.size === 0) return;
    this.#runtime?.interrupt();
    // While it waits for its output to be read, it cannot be stopped.
    this.#runtime?.hold(false);
  }

  /** Lets whatever prints wait, because clients read more slowly, or go on. */
  hold(held: boolean): void {
    this.#held = held;
    this.#runtime?.hold(held);
  }

  /** Hands a waiting cell the answer of its user. */
  answer(text: string): void {
    this.#runtime?.answer(text);
  }

  /** The process that runs the cells. */
  get pid(): number | undefined {
    return this.#runtime?.pid;
  }

  /** Asks the inspector of the runtime there is. */
  inspect(command: InspectorCommand): void {
    this.#runtime?.inspect(command);
  }

  close(): void {
    this.#runtime?.kill();
  }

  #start(): void {
    // A runtime that dies before it is ready leaves the promise to the next one, and with it the cells that wait.
    if (!this.#markReady)
      this.#ready = new Promise((resolve) => {
        this.#markReady = resolve;
      });
    this.#used = false;
    this.#runtime = new RuntimeProcess({
      nativeOutput: (name, text) => this.#streams.write(name, text, this.#parents.get(this.#lastCell)),
      inspector: (frame) => this.#events.inspector(frame),
      died: (why, lastWords) => this.#replace(why, lastWords),
      frame: (frame) => {
        switch (frame.type) {
          case "ready":
            this.#markReady?.();
            this.#markReady = undefined;
            break;
          case "stream":
            this.#streams.write(frame.name, frame.text, this.#parents.get(frame.cell), frame.uncaught);
            break;
          case "clear":
            this.#events.clear(frame.wait, this.#parents.get(frame.cell));
            break;
          case "question":
            this.#events.question(frame, this.#parents.get(frame.cell));
            break;
          case "finished":
            this.#end(frame.cell, frame.outcome);
            break;
          case "comm":
            this.#events.comm(frame, this.#parents.get(frame.cell));
            break;
          case "comm_target":
            this.#events.commTarget(frame);
            break;
          case "comm_handled":
            this.#handling.get(frame.cell)?.();
            if (frame.over) this.#handling.delete(frame.cell);
            break;
          case "exit":
            break;
          default:
            this.#events.display(frame, this.#parents.get(frame.cell));
        }
      },
    });
    this.#runtime.hold(this.#held);
  }

  #replace(reason: string, lastWords: string): void {
    const why = this.#interrupted ? "nothing else could stop the cell" : reason;
    const running = [...this.#running.keys()];
    const waiting = this.#starting.size > 0;
    const used = this.#used;
    this.#failures = used ? 0 : this.#failures + 1;
    if (this.#failures < patience) this.#start();
    else this.#giveUp(reason, lastWords);
    const untold = running.length === 0 ? this.#parents.get(this.#lastCell) : undefined;
    if (used || (!this.#runtime && waiting)) this.#events.lost(why, untold);
    for (const handled of this.#handling.values()) handled();
    this.#handling.clear();
    for (const cell of running) this.#end(cell, { status: "died", why });
  }

  #end(cell: number, end: CellEnd): void {
    this.#running.get(cell)?.(end);
    this.#running.delete(cell);
  }

  // The next cell tries again: what is in the way may have been mended by then.
  #giveUp(reason: string, lastWords: string): void {
    this.#runtime = undefined;
    this.#failures = 0;
    const evalue = `The runtime, which runs the cells, does not start: ${reason}. Is NODE_OPTIONS in the kernel's environment as it should be? The next cell tries again.`;
    const markReady = this.#markReady;
    this.#markReady = undefined;
    markReady?.({ ename: "RuntimeFailed", evalue, traceback: [`RuntimeFailed: ${evalue}`, lastWords.trim()] });
  }
}
