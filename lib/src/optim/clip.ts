import type { Gradients } from "../gradient/tree.ts";
import { add, clamp, div, mul, square } from "../operations/arithmetic.ts";
import { sqrt } from "../operations/exponential.ts";
import { sum } from "../operations/reduction.ts";
import { tensor } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Euclidean norm of all gradients together. */
export function gradientNorm(gradients: Gradients): Tensor {
  const squares = [...gradients.values()].map((g) => sum(square(g)));
  return sqrt(squares.reduce((total, part) => add(total, part), tensor(0)));
}

/**
 * Gradients that together are no longer than `limit` (Pascanu, Mikolov and Bengio, ICML 2013): longer ones are shortened
 * all by one factor, limit / (norm + 1e-6), as PyTorch does. `train` does it with its option `clipNorm`.
 *
 * @example
 * ```ts
 * import { optim, tensor } from "gradbook";
 *
 * const clipped = optim.clipNorm(new Map([["w", tensor([3, 4])]]), 1);
 * await clipped.get("w")!.toArray(); // [0.6, 0.8], nearly
 * ```
 */
export function clipNorm(gradients: Gradients, limit: number): Gradients {
  if (!(limit > 0)) throw new ArgumentError("clipNorm", `the limit is ${limit}, expected a positive number.`);
  const factor = clamp(div(limit, add(gradientNorm(gradients), 1e-6)), { max: 1 });
  return new Map([...gradients].map(([path, g]) => [path, mul(g, factor)]));
}

/** @internal The same where the norm is known. */
export function shortened(gradients: Gradients, norm: number, limit: number): Gradients {
  if (!(limit > 0)) throw new ArgumentError("clipNorm", `the limit is ${limit}, expected a positive number.`);
  const factor = limit / (norm + 1e-6);
  return factor >= 1 ? gradients : new Map([...gradients].map(([path, g]) => [path, mul(g, factor)]));
}

/** Gradients with every number cut to −limit … limit. `train` does it with its option `clipValue`. */
export function clipValue(gradients: Gradients, limit: number): Gradients {
  if (!(limit > 0)) throw new ArgumentError("clipValue", `the limit is ${limit}, expected a positive number.`);
  return new Map([...gradients].map(([path, g]) => [path, clamp(g, { min: -limit, max: limit })]));
}
