import type { Shape } from "../device/device.ts";
import { layerNorm } from "../operations/layer-norm.ts";
import { standardise } from "../operations/standardise.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { onesInit, zerosInit } from "./initialisers.ts";
import { checkCount, Module, parameter } from "./module.ts";
import { checkEpsilon, scaled } from "./normalisation.ts";

export interface LayerNormOptions {
  /** Added to the variance; 1e-5 if not said (1e-6 for RMSNorm). */
  readonly epsilon?: number;
  /** Whether it has a gain and a bias of its own; true if not said. */
  readonly affine?: boolean;
}

/** Layer normalisation (Ba, Kiros and Hinton 2016) over the last axes: mean 0 and variance 1, times `weight` plus `bias`. */
export class LayerNorm extends Module {
  readonly weight: Tensor<"float32"> | null;
  readonly bias: Tensor<"float32"> | null;
  readonly shape: Shape;
  readonly epsilon: number;

  /** @param shape the sizes of the last axes, or of the last one. */
  constructor(shape: number | Shape, { epsilon = 1e-5, affine = true }: LayerNormOptions = {}) {
    super();
    this.shape = lastSizes("LayerNorm", shape);
    checkEpsilon("LayerNorm", epsilon);
    this.epsilon = epsilon;
    this.weight = affine ? parameter(this.shape, onesInit) : null;
    this.bias = affine ? parameter(this.shape, zerosInit) : null;
  }

  forward(x: Tensor): Tensor<"float32"> {
    const axes = lastAxes(this.where, x, this.shape);
    if (axes.length === 1 && this.weight !== null && this.bias !== null)
      return layerNorm(x, this.weight, this.bias, { epsilon: this.epsilon }) as Tensor<"float32">;
    return scaled(standardise(x, { axis: axes, epsilon: this.epsilon }), this.weight, this.bias, this.shape);
  }

  override describe(): string {
    return `LayerNorm(${this.shape.join(" × ")})`;
  }
}

/** @internal The sizes of the last axes, checked. */
export function lastSizes(who: string, shape: number | Shape): Shape {
  const sizes = typeof shape === "number" ? [shape] : shape;
  for (const n of sizes) checkCount(who, "a size", n);
  if (sizes.length === 0) throw new ArgumentError(who, "no sizes, expected those of the last axes.");
  return sizes;
}

/** @internal The last axes of an input that ends in those sizes. */
export function lastAxes(where: string, x: Tensor, sizes: Shape): number[] {
  if (!sameShape(x.shape.slice(Math.max(0, x.rank - sizes.length)), sizes))
    throw new ShapeError(where, `the input is ${showShape(x.shape)}, expected it to end in ${showShape(sizes)}.`, [
      x.shape,
    ]);
  return sizes.map((_, i) => i - sizes.length);
}
