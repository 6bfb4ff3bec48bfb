import type { Result } from "../operations/record.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { broadcastShapes, sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor, TensorLike } from "../tensor/tensor.ts";

/** A loss of a prediction: float64 for float64, float32 otherwise. */
export type Loss<X extends Tensor> = Tensor<Result<"float", X["dtype"]>>;

/** How the losses of a batch become one number. */
export interface LossOptions {
  /** Their mean (if not said) or sum; `"none"` gives them one by one. */
  readonly reduction?: "mean" | "sum" | "none";
  /**
   * Truth values that broadcast to the losses one by one: where false, a loss does not count, neither in the sum nor in
   * the number by which a mean divides. The mean of no losses is NaN.
   */
  readonly mask?: Tensor;
}

/** @internal The losses that count, as the options ask; with `shares`, their mean is weighted. */
export function reduced<X extends Tensor>(
  who: string,
  each: Tensor,
  { reduction = "mean", mask }: LossOptions,
  shares?: Tensor,
): Loss<X> {
  if (reduction !== "mean" && reduction !== "sum" && reduction !== "none")
    throw new ArgumentError(who, `reduction is ${String(reduction)}, expected "mean", "sum" or "none".`);
  if (mask !== undefined) requireMask(who, mask, each);
  const kept = mask === undefined ? each : mask.where(each as Tensor<"float32">, 0);
  if (reduction === "none") return kept as Loss<X>;
  if (reduction === "sum") return kept.sum() as Loss<X>;
  if (mask === undefined && shares === undefined) return kept.mean() as Loss<X>;
  const weights = shares ?? mask!.broadcastTo(each.shape).cast(each.dtype);
  const counted = mask === undefined ? weights : mask.where(weights as Tensor<"float32">, 0);
  return kept.sum().div(counted.sum()) as Loss<X>;
}

/** @internal Refuses a mask that is none, or does not fit. */
export function requireMask(who: string, mask: Tensor, each: Tensor): void {
  if (mask.dtype !== "bool")
    throw new DTypeError(who, `the mask is ${mask.dtype}, expected truth values. Compare: lengths.greater(0).`);
  requireBroadcast(who, ["the mask", mask], ["the losses", each]);
}

/** @internal Refuses a part that would not be spread over the whole, or make it larger. */
export function requireBroadcast(
  who: string,
  [partName, part]: readonly [string, Tensor],
  [wholeName, whole]: readonly [string, Tensor],
): void {
  const both = broadcastShapes(part.shape, whole.shape);
  if ("shape" in both && sameShape(both.shape, whole.shape)) return;
  const text = `${partName} ${showShape(part.shape)} does not broadcast to ${wholeName} ${showShape(whole.shape)}.`;
  const hint = "Axes meet from the last one, where the sizes must be equal or the former 1.";
  throw new ShapeError(who, `${text} ${hint}`, [part.shape, whole.shape]);
}

/** @internal Refuses integers and truth values where only fractions make sense. */
export function requireFloats(who: string, what: string, x: Tensor): void {
  if (x.dtype === "float32" || x.dtype === "float64") return;
  throw new DTypeError(who, `${what} is ${x.dtype}, expected float32 or float64. Cast it: x.cast("float32").`);
}

/** @internal Refuses two tensors of different shapes: broadcasting a target is a mistake more often than a wish. */
export function requireAlike(
  who: string,
  prediction: Tensor,
  target: TensorLike,
  names: readonly [string, string],
): void {
  if (typeof target === "number" || sameShape(prediction.shape, target.shape)) return;
  throw new ShapeError(
    who,
    `${names[0]} is ${showShape(prediction.shape)}, ${names[1]} ${showShape(target.shape)}; expected the same shape.`,
    [prediction.shape, target.shape],
  );
}

/** @internal Refuses an option that must be a number in a range. */
export function requireNumber(
  who: string,
  what: string,
  value: number,
  {
    least = Number.NEGATIVE_INFINITY,
    most = Number.POSITIVE_INFINITY,
  }: { readonly least?: number; readonly most?: number },
): void {
  if (value >= least && value <= most) return;
  const range = most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} … ${most}`;
  throw new ArgumentError(who, `${what} is ${value}, expected ${range}.`);
}
