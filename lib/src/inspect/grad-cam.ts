import type { Module } from "../nn/module.ts";
import { ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { at, capture } from "./capture.ts";
import { type ClassOptions, classesOf, scoresOf } from "./score.ts";

export interface GradCamOptions extends ClassOptions {
  /** Path of the layer whose maps are weighed: one that gives `[batch, channels, height, width]`, commonly the last. */
  readonly layer: string;
}

/**
 * Where in the image the score's evidence lies (Grad-CAM, Selvaraju et al. 2017): the maps of a layer, each weighed by
 * the mean of the score's derivative over it, added up, and what is positive of that. `[batch, height, width]` in the
 * layer's size. Times `guidedBackpropagation`, in the image's size, it is Guided Grad-CAM.
 * @throws ArgumentError for a path where there is no layer, ShapeError where the layer gives no maps.
 */
export function gradCam(
  model: Module & { forward(x: Tensor): Tensor },
  x: Tensor,
  { layer, ...options }: GradCamOptions,
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
  return value.mul(weights).sum({ axis: 1 }).relu();
}
