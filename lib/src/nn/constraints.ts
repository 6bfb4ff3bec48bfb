import { byPattern } from "../gradient/paths.ts";
import { relu } from "../operations/activation.ts";
import { div, mul } from "../operations/arithmetic.ts";
import { norm } from "../operations/norm.ts";
import { tensor } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { materialise } from "../tensor/lazy.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Module, parameters } from "./module.ts";

/** Brings a parameter back to what is allowed. */
export type Constraint = (w: Tensor) => Tensor;

/** The length of the weights into each unit: over all axes but the first. */
function lengths(w: Tensor): Tensor {
  const axis = w.shape.map((_, i) => i).slice(1);
  return axis.length === 0 ? w.abs() : norm(w, { axis, keepDims: true });
}

/** Shortens the weights into each unit (all axes but the first) to a length of `limit` at most (Srivastava et al. 2014, 5.1). */
export function maxNorm(limit: number): Constraint {
  if (!(limit > 0)) throw new ArgumentError("nn.maxNorm", `limit is ${limit}, expected a positive number.`);
  return (w) => {
    const length = lengths(w);
    return mul(w, length.greater(limit).where(div(limit, length.maximum(limit)), 1));
  };
}

/** Makes the weights into each unit (all axes but the first) a vector of length 1; one of zeros stays. */
export function unitNorm(): Constraint {
  return (w) => {
    const length = lengths(w);
    return div(w, length.equal(0).where(1, length));
  };
}

/** Sets what is negative to 0. */
export function nonNegative(): Constraint {
  return (w) => relu(w);
}

/**
 * Applies constraints by path pattern, the first that matches counts, to the parameters that are not frozen; `train` does
 * it after each step, with its option `constraints`. Throws an `ArgumentError` for a pattern that matches nothing.
 *
 * @example
 * ```ts
 * import { nn } from "gradbook";
 *
 * const net = nn.init(new nn.Linear(3, 2), { seed: 1 });
 * nn.constrain(net, { weight: nn.unitNorm() });
 * await net.weight.norm({ axis: 1 }).toArray(); // [1, 1], nearly
 * ```
 */
export function constrain(model: Module, constraints: Readonly<Record<string, Constraint>>): void {
  const all = parameters(model);
  const chosen = byPattern("nn.constrain", all, constraints);
  const places = all.filter(({ frozen }) => !frozen);
  const done = new Map<Tensor, Tensor>();
  for (const { path, get } of places) {
    const constraint = chosen.get(path);
    const before = get();
    if (constraint === undefined || done.has(before)) continue;
    const after = constraint(before);
    // Evaluated now: what is pending would keep every earlier step alive.
    materialise(after);
    done.set(before, after);
  }
  for (const { get, set } of places) set(done.get(get()) ?? get());
}

/** What a parameter costs, one number. */
export type Penalty = (w: Tensor) => Tensor;

/** `strength · Σ |w|`, which draws weights to exactly 0. */
export function l1(strength: number): Penalty {
  return (w) => mul(w.abs().sum(), strength);
}

/** `strength · Σ w²`. */
export function l2(strength: number): Penalty {
  return (w) => mul(w.square().sum(), strength);
}

/**
 * The sum of penalties on parameters, by path pattern (the first that matches counts), to be added to a loss. Shared
 * parameters count once, frozen ones not. Throws an `ArgumentError` for a pattern that matches nothing.
 *
 * @example
 * ```ts
 * import { losses, nn, type Tensor } from "gradbook";
 *
 * const loss = (net: nn.Linear, { x, y }: { x: Tensor; y: Tensor }) =>
 *   losses.squaredError(net.forward(x), y).add(nn.penalty(net, { "*.weight": nn.l2(1e-4) }));
 * ```
 */
export function penalty(model: Module, penalties: Readonly<Record<string, Penalty>>): Tensor {
  const all = parameters(model);
  const chosen = byPattern("nn.penalty", all, penalties);
  const charged = new Set<Tensor>();
  let total: Tensor | null = null;
  for (const { path, get, frozen } of all) {
    const w = get();
    const cost = frozen || charged.has(w) ? undefined : chosen.get(path)?.(w);
    if (cost === undefined) continue;
    charged.add(w);
    total = total === null ? cost : total.add(cost);
  }
  return total ?? tensor(0);
}
