import type { Fractional } from "../gradient/tree.ts";
import { xLogY } from "../operations/weighted.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor, TensorLike } from "../tensor/tensor.ts";
import {
  type Loss,
  type LossOptions,
  reduced,
  requireAlike,
  requireBroadcast,
  requireFloats,
  requireMask,
} from "./reduced.ts";

const names = ["the prediction", "the target"] as const;

/** Prediction − target; 0 where it does not count, so that a NaN there stays out of derivatives as well. */
function difference(who: string, prediction: Tensor, target: TensorLike, { mask }: LossOptions): Tensor {
  requireFloats(who, "the prediction", prediction);
  requireAlike(who, prediction, target, names);
  const apart = prediction.sub(target);
  if (mask === undefined) return apart;
  requireMask(who, mask, apart);
  return mask.where(apart as Tensor<"float32">, 0);
}

/**
 * (prediction − target)², the mean over all elements.
 *
 * @example
 * ```ts
 * import { losses, tensor } from "gradbook";
 * await losses.squaredError(tensor([1, 2, 4]), tensor([1, 2, 3])).item(); // 0.3333333432674408
 * ```
 */
export function squaredError<X extends Tensor>(
  prediction: Fractional<X>,
  target: TensorLike,
  options: LossOptions = {},
): Loss<X> {
  return reduced("squaredError", difference("squaredError", prediction as Tensor, target, options).square(), options);
}

/** |prediction − target|, the mean over all elements; its derivative where they are equal is 0. */
export function absoluteError<X extends Tensor>(
  prediction: Fractional<X>,
  target: TensorLike,
  options: LossOptions = {},
): Loss<X> {
  return reduced("absoluteError", difference("absoluteError", prediction as Tensor, target, options).abs(), options);
}

/**
 * A square near the target and a line far from it (Huber 1964), the mean over all elements: with d = |prediction −
 * target|, d² / 2 up to `delta` (1 if not said), and delta · (d − delta / 2) from there.
 */
export function huber<X extends Tensor>(
  prediction: Fractional<X>,
  target: TensorLike,
  { delta = 1, ...options }: LossOptions & { readonly delta?: number } = {},
): Loss<X> {
  const apart = difference("huber", prediction as Tensor, target, options).abs();
  if (!(delta > 0)) throw new ArgumentError("huber", `delta is ${delta}, expected a positive number.`);
  // What is near counts as a square; the rest of the way as a line.
  const near = apart.minimum(delta);
  return reduced("huber", near.square().mul(0.5).add(apart.sub(near).mul(delta)), options);
}

/**
 * Huber's loss divided by the width of its bend (Girshick, ICCV 2015), the mean over all elements: with d = |prediction
 * − target|, d² / (2 beta) up to `beta` (1 if not said), and d − beta / 2 from there; `beta` 0 is the absolute error.
 */
export function smoothAbsoluteError<X extends Tensor>(
  prediction: Fractional<X>,
  target: TensorLike,
  { beta = 1, ...options }: LossOptions & { readonly beta?: number } = {},
): Loss<X> {
  const apart = difference("smoothAbsoluteError", prediction as Tensor, target, options).abs();
  if (!(beta >= 0)) throw new ArgumentError("smoothAbsoluteError", `beta is ${beta}, expected 0 or more.`);
  if (beta === 0) return reduced("smoothAbsoluteError", apart, options);
  const near = apart.minimum(beta);
  return reduced(
    "smoothAbsoluteError",
    near
      .square()
      .div(2 * beta)
      .add(apart.sub(near)),
    options,
  );
}

/** Of the negative logarithms of likelihoods. */
export interface LikelihoodOptions extends LossOptions {
  /** Whether terms that do not depend on the prediction are added; false if not said. */
  readonly full?: boolean;
}

/**
 * −ln of the probability of a count under Poisson's law, rate − count · ln rate, the mean over all elements. The
 * prediction is ln rate, or with `log: false` the rate; `full` adds ln(count!).
 */
export function poissonNegativeLogLikelihood<X extends Tensor>(
  prediction: Fractional<X>,
  count: Tensor,
  { log = true, full = false, ...options }: LikelihoodOptions & { readonly log?: boolean } = {},
): Loss<X> {
  const who = "poissonNegativeLogLikelihood";
  const rate = prediction as Tensor;
  requireFloats(who, "the prediction", rate);
  requireAlike(who, rate, count, ["the prediction", "the count"]);
  const counts = count.cast(rate.dtype);
  const each = log ? rate.exp().sub(counts.mul(rate)) : rate.sub(xLogY(counts, rate));
  return reduced(who, full ? each.add(counts.add(1).lgamma()) : each, options);
}

/**
 * −ln of the density of the target under a normal distribution, ½ (ln variance + (target − mean)² / variance), the mean
 * over all elements (Nix and Weigend 1994). A `variance` below `epsilon` (1e-6 if not said) counts as that; `full` adds
 * ½ ln 2π. The variance has the shape of the mean or broadcasts to it.
 */
export function gaussianNegativeLogLikelihood<X extends Tensor>(
  mean: Fractional<X>,
  target: TensorLike,
  {
    variance,
    epsilon = 1e-6,
    full = false,
    ...options
  }: LikelihoodOptions & { readonly variance: TensorLike; readonly epsilon?: number },
): Loss<X> {
  const who = "gaussianNegativeLogLikelihood";
  const apart = difference(who, mean as Tensor, target, options);
  if (!(epsilon > 0)) throw new ArgumentError(who, `epsilon is ${epsilon}, expected a positive number.`);
  if (typeof variance !== "number") requireBroadcast(who, ["the variance", variance], ["the mean", mean as Tensor]);
  const spread = (typeof variance === "number" ? apart.mul(0).add(variance) : variance).maximum(epsilon);
  const each = spread.log().add(apart.square().div(spread)).mul(0.5);
  return reduced(who, full ? each.add(0.5 * Math.log(2 * Math.PI)) : each, options);
}
