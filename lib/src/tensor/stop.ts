import { inNode, node } from "../device/node.ts";

/** What long work obeys: the signal it was given, or the one that a notebook kernel puts up for the running cell. */
export function signalOf(given: AbortSignal | undefined): AbortSignal | undefined {
  return given ?? (globalThis as { readonly [key: symbol]: AbortSignal | undefined })[Symbol.for("Jupyter.signal")];
}

/** One turn of the event loop; a page's timers are the nearest to it. */
const turn: () => Promise<unknown> = inNode
  ? node("timers/promises").setImmediate
  : () => new Promise((resolve) => setTimeout(resolve, 0));

/** Lets the event loop turn now and then, so that timers, messages and interrupts come through. */
export class Breather {
  #last = performance.now();

  async breathe(): Promise<void> {
    if (performance.now() - this.#last < 50) return;
    await turn();
    this.#last = performance.now();
  }
}
