import type { Module } from "../nn/module.ts";
import type { Pair } from "../operations/pair.ts";
import { ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { at, capture } from "./capture.ts";
import { type ClassOptions, classesOf, scoresOf } from "./score.ts";

export interface GradCamOptions extends ClassOptions {
  /** Path of the layer whose maps are weighed: one that gives `[batch, channels, height, width]`, commonly the last. */
  readonly layer: string;
  /** Height and width of the result, commonly the image's; the layer's own, if not said. */
  readonly size?: Pair;
}

/**
 * Where in the image the score's evidence lies (Grad-CAM, Selvaraju et al. 2017): the maps of a layer, each weighed by
 * the mean of the score's derivative over it, added up, and what is positive of that. `[batch, height, width]` in the
 * layer's size or, bilinearly, in the one that is said. Times `guidedBackpropagation` it is Guided Grad-CAM.
 * @throws ArgumentError for a path where there is no layer, ShapeError where the layer gives no maps.
 *
 * @example
 * ```ts
 * import { flatten, inspect, nn, random, relu } from "gradbook";
 *
 * const model = nn.init(
 *   new nn.Sequential([new nn.Conv2d(1, 4, 3), relu, (x) => flatten(x, 1), new nn.Linear(4 * 36, 10)]),
 *   { seed: 1 },
 * );
 * const images = random.seed(2).uniform([2, 1, 8, 8]);
 * const where = inspect.gradCam(model, images, { layer: "1", classes: 3, size: 8 });
 * const guided = inspect.guidedBackpropagation(model, images, { classes: 3 });
 * guided.mul(where.expandDims(1)).shape; // [2, 1, 8, 8]
 * ```
 */
export function gradCam(
  model: Module & { forward(x: Tensor): Tensor },
  x: Tensor,
  { layer, size, ...options }: GradCamOptions,
): Tensor {
  const who = "gradCam";
  const score = (scores: Tensor) => scores.pick(classesOf(who, scores, options)).sum();
  const inside = capture(model, () => scoresOf(who, model, x), { gradientOf: score });
  const { value, gradient } = at(who, inside, layer);
  if (value.rank !== 4)
    throw new ShapeError(
      who,
      `the layer at "${layer}" gives ${showShape(value.shape)}, expected maps [batch, channels, height, width].`,
      [value.shape],
    );
  const weights = gradient.mean({ axis: [2, 3], keepDims: true });
  const map = value.mul(weights).sum({ axis: 1 }).relu();
  return size === undefined ? map : map.resize({ size });
}
