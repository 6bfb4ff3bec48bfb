import { tanh } from "../../operations/activation.ts";
import { flatten } from "../../operations/rearrange.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Conv2d } from "../conv.ts";
import { digitCodes } from "../digit-codes.ts";
import { c3Table, PartialConv2d, RadialBasis, Subsampling } from "../lenet.ts";
import { Linear } from "../linear.ts";
import { Module } from "../module.ts";

/** The squashing function of the paper (appendix A): 1.7159 tanh(2x / 3). */
function squash(x: Tensor): Tensor {
  return tanh(x.mul(2 / 3)).mul(1.7159);
}

/**
 * LeNet-5 as published (LeCun, Bottou, Bengio and Haffner 1998): trainable subsampling, the partial connections of C3 and
 * a drawing of each digit as its code. 60,000 parameters and 340,908 connections. `[batch, 1, 28, 28]` (padded to 32 × 32
 * by C1) to the squared distances `[batch, 10]` from the codes: the smallest is the answer.
 *
 * @example
 * ```ts
 * import { nn, zeros } from "gradbook";
 *
 * const net = nn.init(new nn.models.LeNet5(), { seed: 1998 });
 * console.log(net.forward(zeros([2, 1, 28, 28])).shape); // [ 2, 10 ]
 * ```
 */
export class LeNet5 extends Module {
  readonly c1 = new Conv2d(1, 6, 5, { padding: 2 });
  readonly s2 = new Subsampling(6);
  readonly c3 = new PartialConv2d(6, 5, c3Table);
  readonly s4 = new Subsampling(16);
  readonly c5 = new Conv2d(16, 120, 5);
  readonly f6 = new Linear(120, 84);
  readonly output = new RadialBasis(digitCodes);

  forward(image: Tensor): Tensor<"float32"> {
    let maps = image;
    for (const layer of [this.c1, this.s2, this.c3, this.s4, this.c5]) maps = squash(layer.forward(maps));
    return this.output.forward(squash(this.f6.forward(flatten(maps, 1))));
  }
}
