import { reshape } from "../operations/rearrange.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { onesInit, zerosInit } from "./initialisers.ts";
import type { LayerNormOptions } from "./layer-norm.ts";
import { checkCount, Module, parameter } from "./module.ts";
import { checkEpsilon, perChannel, scaled, standardised } from "./normalisation.ts";

/**
 * Group normalisation (Wu and He, ECCV 2018) of `[batch, channels, …]`: mean 0 and variance 1 for each example over the
 * channels of a group and all places, then a gain and a bias for each channel.
 */
export class GroupNorm extends Module {
  readonly weight: Tensor<"float32"> | null;
  readonly bias: Tensor<"float32"> | null;
  readonly groups: number;
  readonly channels: number;
  readonly epsilon: number;

  constructor(groups: number, channels: number, { epsilon = 1e-5, affine = true }: LayerNormOptions = {}) {
    super();
    checkCount("GroupNorm", "groups", groups);
    checkCount("GroupNorm", "channels", channels);
    checkEpsilon("GroupNorm", epsilon);
    if (channels % groups !== 0)
      throw new ArgumentError(
        "GroupNorm",
        `${channels} channels do not divide into ${groups} groups, expected a multiple.`,
      );
    this.groups = groups;
    this.channels = channels;
    this.epsilon = epsilon;
    this.weight = affine ? parameter([channels], onesInit) : null;
    this.bias = affine ? parameter([channels], zerosInit) : null;
  }

  forward(x: Tensor): Tensor<"float32"> {
    if (x.rank < 2 || x.shape[1] !== this.channels)
      throw new ShapeError(this.where, `the input is ${showShape(x.shape)}, expected [batch, ${this.channels}, …].`, [
        x.shape,
      ]);
    const rows = reshape(x, [x.shape[0]!, this.groups, -1]);
    const normal = reshape(standardised(rows, [2], this.epsilon).normal, x.shape);
    return scaled(normal, this.weight, this.bias, perChannel(this.channels, x.rank));
  }

  override describe(): string {
    return `GroupNorm(${this.channels} in ${this.groups} ${this.groups === 1 ? "group" : "groups"})`;
  }
}
