import type { CommEvent, CommFrame, CommTargetFrame } from "../comm/messages.ts";
import type { ErrorContent } from "../protocol/messages.ts";
import type { DisplayFrame, ExecuteCommand, Outcome } from "../runtime/messages.ts";
import type { Header } from "../wire/message.ts";
import { RuntimeProcess } from "./runtime-process.ts";
import type { StreamCoalescer } from "./streams.ts";

/** How many cells, and how many messages of comms, late output can still be traced to. */
const rememberedCells = 1000;
/** After how many starts in a row that came to nothing the runtime is given up. */
const patience = 3;

export interface RuntimeHostEvents {
  display(frame: DisplayFrame, parent: Header | undefined): void;
  clear(wait: boolean, parent: Header | undefined): void;
  /** The runtime died and took the variables with it; a fresh one has been started. */
  lost(why: string): void;
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
  #runtime!: RuntimeProcess;
  #ready!: Promise<void>;
  #markReady: (() => void) | undefined;
  #failures = 0;
  #lastCell = 0;
  /** Messages of comms count down, so that they and cells do not get in each other's way. */
  #lastMessage = 0;
  /** Those that have set off something that is not over yet. */
  readonly #handling = new Map<number, () => void>();
  #running: { cell: number; end: (end: CellEnd) => void } | undefined;
  #starting = false;
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
    this.#starting = true;
    await this.#ready;
    this.#starting = false;
    if (this.#interrupted) return { status: "error", error: neverStarted, assigned: [] };
    const end = await new Promise<CellEnd>((resolve) => {
      this.#running = { cell, end: resolve };
      this.#runtime.send({ type: "execute", cell, ...command });
    });
    this.#running = undefined;
    // What native code wrote just before the end may be in another pipe: let it be read first.
    await new Promise((resolve) => setImmediate(resolve));
    return end;
  }

  /** Resolves when there is a runtime that runs cells. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** Hands the runtime a message for a comm; resolves when it has been handled. */
  async deliver(event: CommEvent, parent: Header): Promise<void> {
    await this.#ready;
    const cell = --this.#lastMessage;
    this.#parents.set(cell, parent);
    this.#parents.delete(cell + rememberedCells);
    await new Promise<void>((resolve) => {
      this.#handling.set(cell, resolve);
      this.#runtime.send({ type: "comm", cell, ...event });
    });
  }

  /** Stops the running cell, and what messages of comms have set off, if there is any. */
  interrupt(): void {
    if (this.#running || this.#starting) this.#interrupted = true;
    if (this.#running || this.#handling.size > 0) this.#runtime.send({ type: "interrupt" });
  }

  close(): void {
    this.#runtime.kill();
  }

  #start(): void {
    // A runtime that dies before it is ready leaves the promise to the next one, and with it the cells that wait.
    if (!this.#markReady)
      this.#ready = new Promise((resolve) => {
        this.#markReady = resolve;
      });
    this.#runtime = new RuntimeProcess({
      nativeOutput: (name, text) => this.#streams.write(name, text, this.#parents.get(this.#lastCell)),
      died: (why) => this.#replace(why),
      frame: (frame) => {
        switch (frame.type) {
          case "ready":
            this.#failures = 0;
            this.#markReady?.();
            this.#markReady = undefined;
            break;
          case "stream":
            this.#streams.write(frame.name, frame.text, this.#parents.get(frame.cell), frame.uncaught);
            break;
          case "clear":
            this.#events.clear(frame.wait, this.#parents.get(frame.cell));
            break;
          case "finished":
            if (this.#running?.cell === frame.cell) this.#running.end(frame.outcome);
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
  }

  #replace(reason: string): void {
    if (++this.#failures >= patience)
      throw new Error(`The runtime failed ${patience} times in a row before it was ready: ${reason}.`);
    const why = this.#interrupted ? "nothing else could stop the cell" : reason;
    const running = this.#running;
    this.#start();
    this.#events.lost(why);
    for (const handled of this.#handling.values()) handled();
    this.#handling.clear();
    running?.end({ status: "died", why });
  }
}
