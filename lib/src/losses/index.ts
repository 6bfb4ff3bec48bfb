import { logSoftmax, softplus } from "../operations/activation.ts";
import { pick } from "../operations/along.ts";
import { abs, add, minimum, mul, neg, square, sub } from "../operations/arithmetic.ts";
import { mean, sum } from "../operations/reduction.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor, TensorLike } from "../tensor/tensor.ts";

/**
 * Mean over the batch of −ln p(label), with p the softmax of the logits: `logits [..., classes]`, and `labels` either
 * int32 classes `[...]` or float probabilities `[..., classes]`.
 */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor<"float32"> {
  if (labels.dtype === "bool")
    throw new DTypeError(
      "crossEntropy",
      'labels are bool, expected int32 classes or float probabilities. Cast them: labels.cast("int32").',
    );
  if (labels.dtype === "int32") {
    const rows = logits.shape.slice(0, -1);
    if (!sameShape(rows, labels.shape)) {
      throw new ShapeError(
        "crossEntropy",
        `logits ${showShape(logits.shape)} and labels ${showShape(labels.shape)}: expected one label for each row, ${showShape(rows)}.`,
        [logits.shape, labels.shape],
      );
    }
    return neg(mean(pick(logSoftmax(logits), labels as Tensor<"int32">))) as Tensor<"float32">;
  }
  if (!sameShape(logits.shape, labels.shape)) {
    throw new ShapeError(
      "crossEntropy",
      `logits ${showShape(logits.shape)} and probabilities ${showShape(labels.shape)} differ in shape.`,
      [logits.shape, labels.shape],
    );
  }
  return neg(mean(sum(mul(logSoftmax(logits), labels), { axis: -1 }))) as Tensor<"float32">;
}

/** Mean over all elements of (prediction − target)². */
export function squaredError(prediction: Tensor, target: TensorLike): Tensor<"float32"> {
  requireAlike("squaredError", prediction, target);
  return mean(square(sub(prediction, target))) as Tensor<"float32">;
}

/** Mean over all elements of |prediction − target|. */
export function absoluteError(prediction: Tensor, target: TensorLike): Tensor<"float32"> {
  requireAlike("absoluteError", prediction, target);
  return mean(abs(sub(prediction, target))) as Tensor<"float32">;
}

/**
 * Mean over all elements of a square near the target and a line far from it (Huber 1964): with d = |prediction − target|,
 * d² / 2 up to `delta` (1 if not said), and delta · (d − delta / 2) from there.
 */
export function huber(
  prediction: Tensor,
  target: TensorLike,
  { delta = 1 }: { readonly delta?: number } = {},
): Tensor<"float32"> {
  requireAlike("huber", prediction, target);
  if (!(delta > 0)) throw new ArgumentError("huber", `delta is ${delta}, expected a positive number.`);
  const apart = abs(sub(prediction, target));
  // What is near counts as a square; the rest of the way as a line.
  const near = minimum(apart, delta);
  return mean(add(mul(square(near), 0.5), mul(sub(apart, near), delta))) as Tensor<"float32">;
}

/**
 * Mean over all elements of −t ln p − (1 − t) ln(1 − p), with p the logistic function of the logit and t the target,
 * true or false or a probability; finite for logits of any size.
 */
export function binaryCrossEntropy(logits: Tensor, target: Tensor): Tensor<"float32"> {
  requireAlike("binaryCrossEntropy", logits, target);
  return mean(sub(softplus(logits), mul(logits, target))) as Tensor<"float32">;
}

function requireAlike(who: string, prediction: Tensor, target: TensorLike): void {
  if (typeof target === "number" || sameShape(prediction.shape, target.shape)) return;
  throw new ShapeError(
    who,
    `the prediction is ${showShape(prediction.shape)}, the target ${showShape(target.shape)}; expected the same shape.`,
    [prediction.shape, target.shape],
  );
}
