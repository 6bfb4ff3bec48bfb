import type { Buffer } from "../device/device.ts";
import { ArgumentError } from "./errors.ts";
import { materialise } from "./lazy.ts";
import { computed, currentOwner, held, Owner, owning } from "./ownership.ts";
import { activeRecorders } from "./recording.ts";
import { Tensor } from "./tensor.ts";

/**
 * Runs `body` and gives the memory of every tensor made in it back to the device, except that of the tensors it returns:
 * alone, in arrays, records, maps and sets, or in the fields of objects such as modules. For loops written by hand on a
 * device whose memory the garbage collector does not see; on the CPU the rules are the same, so that code moves freely.
 *
 * Tensors made before are never touched, nor what a module, an optimiser, an average or a `Best` holds when the scope
 * ends: `scope(() => optimizer.update(model, gradient))` keeps the new parameters and frees what went before in the same
 * scope. What an inner scope returns belongs to the outer one. While a gradient is being recorded a scope gives nothing
 * back, since the way back needs it: what is made then belongs to the scope around the recording, if there is one.
 * Tensors that only a function or a variable outside holds are not seen. A scope holds all that is made in it until it
 * ends: give each step of a loop one of its own.
 *
 * Where `body` throws, everything made in it is given back, and the error goes on.
 * @throws ArgumentError where `body` returns a promise, and later where a tensor is used whose memory was given back.
 *
 * @example
 * ```ts
 * import { random, scope } from "gradbook";
 *
 * let x = random.seed(1).normal([64, 64]);
 * for (let step = 0; step < 10; step++) {
 *   x = scope(() => {
 *     const y = x.matmul(x.transpose());
 *     return y.div(y.norm());
 *   });
 * }
 * x.shape; // [64, 64]
 * ```
 */
export function scope<T>(body: () => T): T {
  if (activeRecorders().length > 0) return requireNow(body());
  const owner = new Owner(currentOwner());
  return owning(owner, () => {
    let result: T;
    try {
      result = requireNow(body());
    } catch (error) {
      close(owner, []);
      throw error;
    }
    close(owner, [result]);
    return result;
  });
}

/** @internal A scope of several parts, between which one may wait: that of a step of a training, say. */
export class OpenScope {
  readonly #owner: Owner;

  constructor(what: Owner["what"] = "scope") {
    this.#owner = new Owner(currentOwner(), what);
  }

  /** What `body` makes belongs to the scope. */
  run<T>(body: () => T): T {
    return owning(this.#owner, body);
  }

  /** Gives back what was made, but for what `kept` leads to and what modules, optimisers and their like hold. */
  end(...kept: readonly unknown[]): void {
    close(this.#owner, kept);
  }
}

/** @internal Takes a tensor with its values out of all scopes, as what lives on by itself needs it, such as a cache. */
export function keep<T extends Tensor>(tensor: T): T {
  if (tensor.owner === null) return tensor;
  if (tensor.state.kind === "pending") materialise(tensor);
  tensor.owner = null;
  const { state } = tensor;
  if (state.kind === "stored")
    for (let owner = currentOwner(); owner !== null; owner = owner.outer) owner.buffers.delete(state.view.buffer);
  return tensor;
}

function close(owner: Owner, returned: readonly unknown[]): void {
  const kept = reachable([...returned, ...owner.holders]);
  try {
    // What is kept gets its values now, before those that it is made of are gone.
    for (const tensor of kept) if (tensor.owner === owner && tensor.state.kind === "pending") materialise(tensor);
  } finally {
    end(owner, kept);
  }
}

/** Hands what is kept to the owner around, and gives the rest back. */
function end(owner: Owner, kept: ReadonlySet<Tensor>): void {
  const { outer } = owner;
  const needed = new Set<Buffer>();
  for (const { state } of kept) if (state.kind === "stored") needed.add(state.view.buffer);
  for (const tensor of owner.tensors) {
    // One that was kept by itself meanwhile belongs to nobody.
    if (tensor.owner !== owner) continue;
    tensor.owner = kept.has(tensor) ? outer : null;
    if (kept.has(tensor)) outer?.tensors.push(tensor);
    // Its marks stay: a tape that still wants it must find it gone, not find that nobody follows it.
    else tensor.state = { kind: "released", by: owner.what };
  }
  for (const [buffer, device] of owner.buffers) {
    if (!needed.has(buffer)) device.free(buffer);
    else outer?.buffers.set(buffer, device);
  }
  for (const holder of owner.holders) outer?.holders.add(holder);
}

/** Every tensor that some values lead to, without looking into functions but those that say what they hold. */
function reachable(values: readonly unknown[]): Set<Tensor> {
  const found = new Set<Tensor>();
  const seen = new Set<object>();
  const waiting: unknown[] = [...values];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === "function" && held in value) waiting.push((value[held] as () => unknown)());
    if (typeof value !== "object" || value === null || seen.has(value) || ArrayBuffer.isView(value)) continue;
    seen.add(value);
    if (value instanceof Tensor) {
      found.add(value);
      if (value.state.kind === "batched") waiting.push(value.state.all);
      continue;
    }
    const within = value instanceof Map ? [...value.keys(), ...value.values()] : value instanceof Set ? value : [];
    for (const one of within) waiting.push(one);
    if (!(computed in value)) for (const one of Object.values(value)) waiting.push(one);
    if (held in value) waiting.push((value as { [held](): unknown })[held]());
  }
  return found;
}

/** Refuses the promise of a body that would go on when its memory is gone. */
function requireNow<T>(result: T): T {
  if (typeof (result as PromiseLike<unknown> | null | undefined)?.then !== "function") return result;
  // Nobody waits for it any more; that it fails, too, would only hide why.
  Promise.resolve(result).catch(() => {});
  throw new ArgumentError(
    "scope",
    "the body returned a promise, expected one that does not wait: its rest would run when the scope has ended. Return tensors from it and read them outside: await scope(…).data().",
  );
}
