import type { Shape } from "../device/device.ts";
import { add, div, mul, square, sub } from "../operations/arithmetic.ts";
import { sqrt } from "../operations/exponential.ts";
import { reshape } from "../operations/rearrange.ts";
import { mean } from "../operations/reduction.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A tensor with mean 0 and variance 1 along axes, and what they were; the variance is that of the centred values. */
export interface Standardised {
  readonly normal: Tensor;
  readonly centre: Tensor;
  /** The mean square distance from the centre; it is not corrected for the count. */
  readonly spread: Tensor;
}

/** Takes off the mean and divides by the deviation along axes. */
export function standardised(x: Tensor, axis: readonly number[], epsilon: number): Standardised {
  const centre = mean(x, { axis, keepDims: true });
  const centred = sub(x, centre);
  const spread = mean(square(centred), { axis, keepDims: true });
  return { normal: div(centred, sqrt(add(spread, epsilon))), centre, spread };
}

/** `x · weight + bias`, each laid out in `shape`, which broadcasts to `x`; without what is `null`. */
export function scaled(x: Tensor, weight: Tensor | null, bias: Tensor | null, shape: Shape): Tensor<"float32"> {
  const times = weight === null ? x : mul(x, reshape(weight, shape));
  return (bias === null ? times : add(times, reshape(bias, shape))) as Tensor<"float32">;
}

/** The shape in which a number for each channel broadcasts to `[batch, channels, …]`. */
export function perChannel(channels: number, rank: number): Shape {
  return [channels, ...new Array<number>(Math.max(0, rank - 2)).fill(1)];
}

/** @internal Refuses what cannot be added to a variance. */
export function checkEpsilon(who: string, epsilon: number): void {
  if (!(epsilon > 0)) throw new ArgumentError(who, `epsilon is ${epsilon}, expected a positive number.`);
}
