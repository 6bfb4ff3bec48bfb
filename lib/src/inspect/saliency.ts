import { grad } from "../gradient/grad.ts";
import { type PullbackRule, withPullbacks } from "../gradient/override.ts";
import type { Layer } from "../nn/sequential.ts";
import { sum } from "../operations/reduction.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type ClassOptions, classesOf, scoresOf } from "./score.ts";

/** @internal The derivative of each example's score with respect to the example. */
export function gradientOfScore(who: string, model: Layer, x: Tensor, options: ClassOptions): Tensor {
  return grad((input: Tensor) => {
    const scores = scoresOf(who, model, input);
    return sum(scores.pick(classesOf(who, scores, options)));
  })(x) as Tensor;
}

/**
 * The derivative of each example's score with respect to the example, in the shape of `x [batch, …]`.
 * `model` gives scores `[batch, classes]`: a module or a function.
 * @throws ShapeError where the model gives something else, ArgumentError for a class that there is not.
 */
export function inputGradient(model: Layer, x: Tensor, options: ClassOptions = {}): Tensor {
  return gradientOfScore("inputGradient", model, x, options);
}

/**
 * How much each pixel matters to a score: the size of its derivative, for images `[batch, channels, height, width]` the
 * largest over the channels, `[batch, height, width]` (Simonyan, Vedaldi and Zisserman 2013, section 3.1); for other
 * inputs in their own shape.
 * @throws ShapeError where the model gives no scores `[batch, classes]`, ArgumentError for a class that there is not.
 *
 * @example
 * ```ts
 * import { inspect, nn, random } from "gradbook";
 *
 * const model = nn.init(
 *   new nn.Sequential([new nn.Conv2d(3, 4, 3), (x) => x.relu().mean({ axis: [2, 3] }), new nn.Linear(4, 10)]),
 *   { seed: 1 },
 * );
 * const images = random.seed(2).normal([2, 3, 8, 8]);
 * inspect.saliency(model, images).shape; // [2, 8, 8]
 * inspect.saliency(model, images, { classes: [3, 7] }).shape; // [2, 8, 8]
 * ```
 */
export function saliency(model: Layer, x: Tensor, options: ClassOptions = {}): Tensor {
  const size = gradientOfScore("saliency", model, x, options).abs();
  return x.rank === 4 ? size.max({ axis: 1 }) : size;
}

/** The derivative times the input: what each value contributes to a score that is linear (Shrikumar et al. 2016). */
export function gradientTimesInput(model: Layer, x: Tensor, options: ClassOptions = {}): Tensor {
  return gradientOfScore("gradientTimesInput", model, x, options).mul(x);
}

const positive: PullbackRule = (g) => [g.relu()];
const positiveWhereActive: PullbackRule = (g, _inputs, y) => [y.cast("bool").where(g.relu(), 0)];

/**
 * The derivative with only what is positive going back through each `relu`, and only where that was active
 * (Springenberg et al. 2015): sharper pictures of what the score responds to. Shape of `x`. Holds for the operation
 * `relu` wherever the model uses it; the model stays as it is.
 */
export function guidedBackpropagation(model: Layer, x: Tensor, options: ClassOptions = {}): Tensor {
  return withPullbacks({ relu: positiveWhereActive }, () =>
    gradientOfScore("guidedBackpropagation", model, x, options),
  );
}

/**
 * The derivative with only what is positive going back through each `relu`, active or not: the deconvolutional net of
 * Zeiler and Fergus (2014), with the positions of max pooling kept. Shape of `x`.
 */
export function deconvolution(model: Layer, x: Tensor, options: ClassOptions = {}): Tensor {
  return withPullbacks({ relu: positive }, () => gradientOfScore("deconvolution", model, x, options));
}
