import { setImmediate as turn } from "node:timers/promises";

/** What long work obeys: the signal it was given, or the one that a notebook kernel puts up for the running cell. */
export function signalOf(given: AbortSignal | undefined): AbortSignal | undefined {
  return given ?? (globalThis as { readonly [key: symbol]: AbortSignal | undefined })[Symbol.for("Jupyter.signal")];
}

/** Lets the event loop turn now and then, so that timers, messages and interrupts come through. */
export class Breather {
  #last = performance.now();

  async breathe(): Promise<void> {
    if (performance.now() - this.#last < 50) return;
    await turn();
    this.#last = performance.now();
  }
}
