import type { Buffer, Device, View } from "../device/device.ts";
import { ArgumentError } from "./errors.ts";
import type { Released, Tensor } from "./tensor.ts";

/**
 * What was made while a scope was under way and belongs to it: tensors, and the memory that was taken for them. Tensors
 * and operations know of scopes through this file alone; outside of scopes it costs them one comparison.
 */
export class Owner {
  readonly outer: Owner | null;
  readonly what: "scope" | "step";
  readonly tensors: Tensor[] = [];
  readonly buffers = new Map<Buffer, Device>();
  /** Objects whose tensors outlive the scope: what lies in them at its end is kept. */
  readonly holders = new Set<object>();

  constructor(outer: Owner | null, what: Owner["what"] = "scope") {
    this.outer = outer;
    this.what = what;
  }
}

/** The method by which an object names tensors that it holds where nobody sees them, in #private fields. */
export const held: unique symbol = Symbol("gradbook.held");

/** Marks an object whose fields are computed when one asks for them: a scope goes by what {@link held} names alone. */
export const computed: unique symbol = Symbol("gradbook.computed");

let current: Owner | null = null;

/** Whom a tensor made now belongs to; `null` for the garbage collector. */
export function currentOwner(): Owner | null {
  return current;
}

/** Runs `body` with what is made belonging to `owner`. */
export function owning<T>(owner: Owner, body: () => T): T {
  const before = current;
  current = owner;
  try {
    return body();
  } finally {
    current = before;
  }
}

/** Notes memory taken just now for a tensor about to be made, unless it is that of its inputs. */
export function ownBuffer(device: Device, buffer: Buffer, inputs: readonly View[] = []): void {
  if (current === null || inputs.some((input) => input.buffer === buffer)) return;
  current.buffers.set(buffer, device);
}

/** Says that what lies in `holder` outlives the scope under way: a module that was given a parameter, an optimiser. */
export function outlives(holder: object): void {
  current?.holders.add(holder);
}

/** Gives back the memory of a tensor that nothing leads to any more, unless one of `stay` lies in it, too. */
export function giveBack(tensor: Tensor, stay: readonly Tensor[]): void {
  const { state, owner, device } = tensor;
  if (state.kind !== "stored") return;
  const { buffer } = state.view;
  if (stay.some((other) => other.state.kind === "stored" && other.state.view.buffer === buffer)) return;
  tensor.state = { kind: "released", by: "replacement" };
  owner?.buffers.delete(buffer);
  device.free(buffer);
}

/** Refuses a tensor whose memory was given back. */
export function requireLive(who: string, tensor: Tensor): void {
  if (tensor.state.kind === "released") throw released(who, tensor);
}

export function released(who: string, tensor: Tensor): ArgumentError {
  return new ArgumentError(who, tensor.state.kind === "released" ? reasons[tensor.state.by] : reasons.scope);
}

const reasons: Readonly<Record<Released["by"], string>> = {
  scope:
    "this tensor was made in a scope that has ended, and its memory was given back. Return it from the scope's body to keep it.",
  step: "this tensor was made in a training step, and its memory was given back when the next one began. Read it before: await x.data().",
  replacement:
    "an optimiser or an average remembered this tensor for itself, and has put another in its place. What state() gives stays.",
};
