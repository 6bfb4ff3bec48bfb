import type { WidgetRegistry } from "../widget/contract.ts";
import type { CommOptions, Comms } from "./contract.ts";

/** What the runtime offers to every copy of this package that is loaded in it. */
export interface Offer {
  readonly comms: Comms;
  readonly widgets: WidgetRegistry;
}

const offerSymbol = Symbol.for("gradbook.comms");

/** Called by the runtime, once. */
export function offerComms(offer: Offer): void {
  Object.defineProperty(globalThis, offerSymbol, { value: offer });
}

/** What the runtime offers; nothing outside of a notebook. */
export function offered(): Offer | undefined {
  return (globalThis as { readonly [offerSymbol]?: Offer })[offerSymbol];
}

function inCell(): Comms {
  const found = offered();
  if (!found) throw new Error("comms: there is no notebook here, expected to run in a cell. Nobody could answer.");
  return found.comms;
}

/**
 * Comms between the notebook and the page that shows it:
 * ```ts
 * comms.register("echo", (comm) => comm.onMessage(({ data, buffers }) => comm.send(data, { buffers })));
 * ```
 */
export const comms: Comms = {
  register: (target, opened) => inCell().register(target, opened),
  open: (target: string, data?: unknown, options?: CommOptions) => inCell().open(target, data, options),
};
