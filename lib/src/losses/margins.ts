import type { Fractional } from "../gradient/tree.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Loss, type LossOptions, reduced, requireAlike, requireFloats } from "./reduced.ts";

export interface MarginOptions extends LossOptions {
  /** By how much the right side should win; 1 if not said. */
  readonly margin?: number;
}

/** How far the scores are on the wrong side of the margin: sides are true and false, or 1 and −1. */
function shortfall(who: string, scores: Tensor, sides: Tensor, margin: number): Tensor {
  requireFloats(who, "the scores", scores);
  requireAlike(who, scores, sides, ["the scores", "the sides"]);
  if (!(margin > 0)) throw new ArgumentError(who, `margin is ${margin}, expected a positive number.`);
  const signs = sides.dtype === "bool" ? sides.cast(scores.dtype).mul(2).sub(1) : sides;
  return scores.mul(signs).neg().add(margin).relu();
}

/**
 * max(0, margin − side · score), the loss of support vector machines (Cortes and Vapnik 1995), the mean over all
 * elements; a side is true or false, or 1 or −1.
 */
export function hinge<X extends Tensor>(
  scores: Fractional<X>,
  sides: Tensor,
  { margin = 1, ...options }: MarginOptions = {},
): Loss<X> {
  return reduced("hinge", shortfall("hinge", scores as Tensor, sides, margin), options);
}

/** The square of `hinge`, which is smooth at the margin, the mean over all elements. */
export function squaredHinge<X extends Tensor>(
  scores: Fractional<X>,
  sides: Tensor,
  { margin = 1, ...options }: MarginOptions = {},
): Loss<X> {
  return reduced("squaredHinge", shortfall("squaredHinge", scores as Tensor, sides, margin).square(), options);
}

/**
 * Wants the label's score above all others by a margin (Crammer and Singer 2001, summed over the others as by Weston and
 * Watkins 1999): Σ max(0, margin − score(label) + score(other))^power / classes, the mean over the batch;
 * `scores [..., classes]`, int32 `labels [...]`. `power` is 1 or 2, 1 if not said; `weights [classes]` weigh the labels.
 */
export function multiMargin<X extends Tensor>(
  scores: Fractional<X>,
  labels: Tensor<"int32">,
  {
    margin = 1,
    power = 1,
    weights,
    ...options
  }: MarginOptions & { readonly power?: 1 | 2; readonly weights?: Tensor } = {},
): Loss<X> {
  const x = scores as Tensor;
  requireFloats("multiMargin", "the scores", x);
  if ((labels as Tensor).dtype !== "int32")
    throw new DTypeError(
      "multiMargin",
      `labels are ${labels.dtype}, expected int32 classes. Cast them: labels.cast("int32").`,
    );
  const rows = x.shape.slice(0, -1);
  if (!sameShape(rows, labels.shape)) {
    const text = `scores ${showShape(x.shape)} and labels ${showShape(labels.shape)}: expected one label for each row, ${showShape(rows)}.`;
    throw new ShapeError("multiMargin", text, [x.shape, labels.shape]);
  }
  if (!(margin > 0)) throw new ArgumentError("multiMargin", `margin is ${margin}, expected a positive number.`);
  if (power !== 1 && power !== 2) throw new ArgumentError("multiMargin", `power is ${String(power)}, expected 1 or 2.`);
  const classes = x.shape.at(-1)!;
  const short = x.sub(x.pick(labels).expandDims(-1)).add(margin).relu();
  const raised = power === 1 ? short : short.square();
  // The label itself is short by the margin, which does not count.
  const each = raised
    .sum({ axis: -1 })
    .sub(margin ** power)
    .div(classes);
  return reduced("multiMargin", weights === undefined ? each : each.mul(weights.take(labels)), options);
}
