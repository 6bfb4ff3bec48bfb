import { type ConnectOpts, Socket, type SocketConstructorOpts } from "node:net";
import { MessageChannel } from "node:worker_threads";
import { FrameReader } from "./framing.ts";
import type { MainCommand } from "./messages.ts";

/** Where the supervisor writes the commands for the main thread. */
const descriptor = 5;
const readAtOnce = 65_536;

/** Hands the main thread its commands in order, each in a turn of the event loop of its own. */
export class CommandQueue {
  readonly #handle: (command: MainCommand) => void;
  readonly #queue: MainCommand[] = [];
  readonly #turns = new MessageChannel();
  #waiting: { readonly number: number; readonly run: () => void }[] = [];
  #begun = 0;

  constructor(handle: (command: MainCommand) => void) {
    this.#handle = handle;
    this.#turns.port1.on("message", () => this.#next());
    const reader = new FrameReader<MainCommand>();
    const callback = (bytes: number, buffer: Uint8Array): boolean => {
      // A cell that is stopped by force does not come back here: what else there is must be safe before.
      const commands = [...reader.read(buffer.subarray(0, bytes))];
      const isFree = this.#queue.length === 0;
      this.#queue.push(...commands);
      for (let later = isFree ? 1 : 0; later < commands.length; later++) this.#turns.port2.postMessage(undefined);
      if (isFree) this.#next();
      return true;
    };
    // Read without a stream, whose state would be left as it was in the middle of a cell that is stopped by force.
    const options: SocketConstructorOpts & Pick<ConnectOpts, "onread"> = {
      fd: descriptor,
      readable: true,
      onread: { buffer: new Uint8Array(readAtOnce), callback },
    };
    new Socket(options);
  }

  /** Runs something as soon as the first `number` commands have been begun. */
  after(number: number, run: () => void): void {
    this.#waiting.push({ number, run });
    this.#runWaiting();
  }

  #next(): void {
    const command = this.#queue.shift();
    if (!command) return;
    this.#begun++;
    this.#handle(command);
    this.#runWaiting();
  }

  #runWaiting(): void {
    const due = this.#waiting.filter(({ number }) => number <= this.#begun);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter(({ number }) => number > this.#begun);
    for (const { run } of due) run();
  }
}
