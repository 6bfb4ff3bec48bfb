import { setImmediate as turn } from "node:timers/promises";

export { signalOf } from "../tensor/signal.ts";

/** Lets the event loop turn now and then, so that timers, messages and interrupts come through. */
export class Breather {
  #last = performance.now();

  async breathe(): Promise<void> {
    if (performance.now() - this.#last < 50) return;
    await turn();
    this.#last = performance.now();
  }
}
