import { stopGradient } from "../gradient/custom.ts";
import { vjp } from "../gradient/grad.ts";
import type { Key } from "../random/key.ts";
import { zeros } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkCount } from "./module.ts";

/**
 * Keeps the `k` largest features of each row and sets the others to zero (Makhzani and Frey, ICLR 2014); more than `k`
 * where some are equal. Throws an `ArgumentError` for a `k` that is no positive integer.
 *
 * @example
 * ```ts
 * import { nn, tensor } from "gradbook";
 *
 * await nn.kSparse(tensor([[0.1, 0.9, 0.5]]), 2).toArray(); // [[0, 0.9, 0.5]], to the precision of float32
 * ```
 */
export function kSparse(h: Tensor, k: number): Tensor {
  checkCount("kSparse", "k", k);
  const n = h.shape.at(-1) ?? 1;
  if (k >= n) return h;
  const least = stopGradient(h)
    .sort({ axis: -1, descending: true })
    .slice({ axis: -1, start: k - 1, stop: k });
  return h.greaterEqual(least).where<"float32" | "float64">(h as Tensor<"float32">, 0);
}

/**
 * How far the mean activity of each feature in a batch is from a target: the Kullback–Leibler divergence of a coin with
 * that bias from one with the target's, summed over the features `h [n, features]`, in 0 … 1 (Lee, Ekanadham and Ng 2008).
 * Throws an `ArgumentError` for a target outside 0 … 1.
 */
export function sparsityPenalty(h: Tensor, target: number): Tensor {
  if (!(target > 0 && target < 1))
    throw new ArgumentError("sparsityPenalty", `the target is ${target}, expected 0 < target < 1.`);
  const active = h.mean({ axis: 0 }).clamp({ min: 1e-7, max: 1 - 1e-7 });
  const kept = active
    .log()
    .mul(target)
    .add(
      active
        .neg()
        .log1p()
        .mul(1 - target),
    );
  const own = target * Math.log(target) + (1 - target) * Math.log(1 - target);
  return kept.sub(own).neg().sum();
}

export interface JacobianOptions {
  /** Estimates it from so many random directions instead of going through all outputs. */
  readonly probes?: number;
  /** Of the directions; needed with `probes`. */
  readonly key?: Key;
}

/**
 * The squared Frobenius norm of ∂f/∂x, mean over the rows of `x [n, inputs]`, for a function that treats each row alone:
 * what a contractive autoencoder keeps small (Rifai et al., ICML 2011). It costs one derivative for each output, or one
 * for each probe. Throws a `ShapeError` where `f` does not give `[n, outputs]`, an `ArgumentError` for probes without a key.
 *
 * @example
 * ```ts
 * import { nn, tensor } from "gradbook";
 *
 * await nn.jacobianPenalty((x) => x.mul(3), tensor([[1, 2]])).item(); // 18
 * ```
 */
export function jacobianPenalty(f: (x: Tensor) => Tensor, x: Tensor, { probes, key }: JacobianOptions = {}): Tensor {
  const { value, pullBack } = vjp(f, x as Tensor<"float32">);
  const [rows, outputs] = value.shape;
  if (x.rank !== 2 || value.rank !== 2 || rows !== x.shape[0])
    throw new ShapeError(
      "jacobianPenalty",
      `the function gives ${showShape(value.shape)} for ${showShape(x.shape)}, expected [n, outputs] for [n, inputs].`,
      [value.shape, x.shape],
    );
  if (probes === undefined) {
    const nothing = zeros(value.shape, { dtype: value.dtype, device: value.device });
    const squares = Array.from({ length: outputs! }, (_, j) =>
      pullBack(nothing.addAt(["...", j], 1))
        .square()
        .sum(),
    );
    return squares.reduce((sum, square) => sum.add(square)).div(rows!);
  }
  checkCount("jacobianPenalty", "probes", probes);
  if (key === undefined)
    throw new ArgumentError(
      "jacobianPenalty",
      "probes without a key, expected one. { probes: 4, key: random.seed(1) }.",
    );
  const squares = Array.from({ length: probes }, (_, i) => pullBack(key.child(i).normal(value.shape)).square().sum());
  return squares.reduce((sum, square) => sum.add(square)).div(rows! * probes);
}
