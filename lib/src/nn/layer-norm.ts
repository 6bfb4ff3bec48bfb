import type { Shape } from "../device/device.ts";
import { add, div, mul, sub } from "../operations/arithmetic.ts";
import { sqrt } from "../operations/exponential.ts";
import { mean, variance } from "../operations/reduction.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { onesInit, zerosInit } from "./initialisers.ts";
import { checkCount, Module, parameter } from "./module.ts";

export interface LayerNormOptions {
  /** Added to the variance; 1e-5 if not said. */
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
    this.shape = typeof shape === "number" ? [shape] : shape;
    for (const n of this.shape) checkCount("LayerNorm", "a size", n);
    if (this.shape.length === 0) throw new ArgumentError("LayerNorm", "no sizes, expected those of the last axes.");
    if (!(epsilon > 0)) throw new ArgumentError("LayerNorm", `epsilon is ${epsilon}, expected a positive number.`);
    this.epsilon = epsilon;
    this.weight = affine ? parameter(this.shape, onesInit) : null;
    this.bias = affine ? parameter(this.shape, zerosInit) : null;
  }

  forward(x: Tensor): Tensor<"float32"> {
    const axis = this.shape.map((_, i) => i - this.shape.length);
    if (!sameShape(x.shape.slice(x.rank - this.shape.length), this.shape))
      throw new ShapeError(
        this.where,
        `the input is ${showShape(x.shape)}, expected it to end in ${showShape(this.shape)}.`,
        [x.shape],
      );
    const centred = sub(x, mean(x, { axis, keepDims: true }));
    const spread = sqrt(add(variance(x, { axis, keepDims: true }), this.epsilon));
    const normal = div(centred, spread);
    const scaled = this.weight === null ? normal : mul(normal, this.weight);
    return (this.bias === null ? scaled : add(scaled, this.bias)) as Tensor<"float32">;
  }

  override describe(): string {
    return `LayerNorm(${this.shape.join(" × ")})`;
  }
}
