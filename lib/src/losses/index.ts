import { logSoftmax } from "../operations/activation.ts";
import { mul, neg, square, sub } from "../operations/arithmetic.ts";
import { pick } from "../operations/indexing.ts";
import { mean, sum } from "../operations/reduction.ts";
import { DTypeError, ShapeError } from "../tensor/errors.ts";
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
  if (typeof target !== "number" && !sameShape(prediction.shape, target.shape)) {
    throw new ShapeError(
      "squaredError",
      `the prediction is ${showShape(prediction.shape)}, the target ${showShape(target.shape)}; expected the same shape.`,
      [prediction.shape, target.shape],
    );
  }
  return mean(square(sub(prediction, target))) as Tensor<"float32">;
}
