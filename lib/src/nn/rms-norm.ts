import type { Shape } from "../device/device.ts";
import { add, div, square } from "../operations/arithmetic.ts";
import { sqrt } from "../operations/exponential.ts";
import { mean } from "../operations/reduction.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { onesInit } from "./initialisers.ts";
import { type LayerNormOptions, lastAxes, lastSizes } from "./layer-norm.ts";
import { Module, parameter } from "./module.ts";
import { checkEpsilon, scaled } from "./normalisation.ts";

/**
 * Root-mean-square normalisation (Zhang and Sennrich, NeurIPS 2019) over the last axes: `x / √(mean(x²) + ε) · weight`. It
 * takes off no mean and has no bias.
 */
export class RMSNorm extends Module {
  readonly weight: Tensor<"float32"> | null;
  readonly shape: Shape;
  readonly epsilon: number;

  /** @param shape the sizes of the last axes, or of the last one. */
  constructor(shape: number | Shape, { epsilon = 1e-6, affine = true }: LayerNormOptions = {}) {
    super();
    this.shape = lastSizes("RMSNorm", shape);
    checkEpsilon("RMSNorm", epsilon);
    this.epsilon = epsilon;
    this.weight = affine ? parameter(this.shape, onesInit) : null;
  }

  forward(x: Tensor): Tensor<"float32"> {
    const axis = lastAxes(this.where, x, this.shape);
    const size = sqrt(add(mean(square(x), { axis, keepDims: true }), this.epsilon));
    return scaled(div(x, size), this.weight, null, this.shape);
  }

  override describe(): string {
    return `RMSNorm(${this.shape.join(" × ")})`;
  }
}
