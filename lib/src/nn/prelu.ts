import { mul } from "../operations/arithmetic.ts";
import { greater } from "../operations/comparison.ts";
import { reshape } from "../operations/rearrange.ts";
import { where } from "../operations/selection.ts";
import { ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { constantInit } from "./initialisers.ts";
import { checkCount, Module, parameter } from "./module.ts";
import { perChannel } from "./normalisation.ts";

/**
 * The rectifier that learns its slope on the negative side (He et al., ICCV 2015): x where positive, `weight` · x elsewhere,
 * with one slope, or one for each channel of `[batch, channels, …]`.
 */
export class PReLU extends Module {
  readonly weight: Tensor<"float32">;

  constructor(channels = 1, { slope = 0.25 }: { readonly slope?: number } = {}) {
    super();
    checkCount("PReLU", "channels", channels);
    this.weight = parameter([channels], constantInit(slope));
  }

  forward(x: Tensor): Tensor<"float32"> {
    const channels = this.weight.shape[0]!;
    if (channels !== 1 && x.shape[1] !== channels)
      throw new ShapeError(this.where, `the input is ${showShape(x.shape)}, expected [batch, ${channels}, …].`, [
        x.shape,
      ]);
    const slope = reshape(this.weight, channels === 1 ? [1] : perChannel(channels, x.rank));
    return where(greater(x, 0), x, mul(x, slope)) as Tensor<"float32">;
  }

  override describe(): string {
    return `PReLU(${this.weight.shape[0]})`;
  }
}
