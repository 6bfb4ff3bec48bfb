import { byPattern } from "../gradient/paths.ts";
import { seed as keyOf } from "../random/key.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Initialiser } from "./initialisers.ts";
import { type Module, namePlaces, places } from "./module.ts";

/** Where the values of parameters come from. */
export interface InitOptions {
  /** An integer; the same seed gives the same bits on every machine. */
  readonly seed: number;
  /** Initialisers by path pattern, in place of the layers' own; the first pattern that matches counts. */
  readonly initialisers?: Readonly<Record<string, Initialiser>>;
}

/**
 * Draws every parameter from the seed and its own path, so that adding a layer does not change the others; buffers begin
 * anew. Gives the model back. Throws an `ArgumentError` for a missing seed or a pattern that matches no parameter.
 *
 * @example
 * ```ts
 * import { nn } from "gradbook";
 *
 * const net = nn.init(new nn.Linear(3, 2), { seed: 1, initialisers: { "*.bias": nn.zerosInit } });
 * await net.bias!.toArray(); // [0, 0]
 * ```
 */
export function init<M extends Module>(model: M, options: InitOptions): M {
  const { seed, initialisers = {} } = (options ?? {}) as Partial<InitOptions>;
  if (typeof seed !== "number")
    throw new ArgumentError("nn.init", "no seed, expected one. nn.init(model, { seed: 1 }).");
  namePlaces(model);
  const root = keyOf(seed);
  const drawn = new Map<Tensor, Tensor>();
  const all = places(model);
  const chosen = byPattern(
    "nn.init",
    all.filter(({ role }) => role?.kind === "parameter"),
    initialisers,
  );
  for (const { path, get, set, role } of all) {
    if (role === null) continue;
    const before = get();
    // A shared tensor is drawn once, under the first of its paths.
    const tensor =
      drawn.get(before) ??
      (role.kind === "buffer" ? role.start : (chosen.get(path) ?? role.initialiser)(before.shape, root.child(path)));
    drawn.set(before, tensor);
    set(tensor);
  }
  return model;
}
