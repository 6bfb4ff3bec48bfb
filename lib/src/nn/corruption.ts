import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { nextKey } from "./context.ts";
import { Module } from "./module.ts";

function requireRate(who: string, rate: number): void {
  if (!(rate >= 0 && rate <= 1)) throw new ArgumentError(who, `rate is ${rate}, expected 0 ≤ rate ≤ 1.`);
}

/** In training, sets each element to zero with probability `rate`, and unlike dropout leaves the others (Vincent et al. 2008). */
export class MaskingNoise extends Module {
  readonly rate: number;

  constructor(rate: number) {
    super();
    requireRate("MaskingNoise", rate);
    this.rate = rate;
  }

  forward(x: Tensor): Tensor {
    if (!this.training) return x;
    return nextKey(this.where)
      .uniform(x.shape)
      .less(this.rate)
      .where<"float32" | "float64">(0, x as Tensor<"float32">);
  }

  override describe(): string {
    return `MaskingNoise(${this.rate})`;
  }
}

/** In training, sets each element with probability `rate` to `low` or `high`, by a toss of a coin (Vincent et al. 2010). */
export class SaltAndPepper extends Module {
  readonly rate: number;
  readonly low: number;
  readonly high: number;

  constructor(rate: number, { low = 0, high = 1 }: { readonly low?: number; readonly high?: number } = {}) {
    super();
    requireRate("SaltAndPepper", rate);
    this.rate = rate;
    this.low = low;
    this.high = high;
  }

  forward(x: Tensor): Tensor {
    if (!this.training) return x;
    // One number decides both: below rate / 2 it is pepper, from there to rate salt.
    const u = nextKey(this.where).uniform(x.shape);
    const grain = u.less(this.rate / 2).where(this.low, this.high);
    return u.less(this.rate).where<"float32" | "float64">(grain, x as Tensor<"float32">);
  }

  override describe(): string {
    return `SaltAndPepper(${this.rate})`;
  }
}

/** In training, adds normal noise of that standard deviation (Vincent et al. 2010). */
export class GaussianNoise extends Module {
  readonly std: number;

  constructor(std: number) {
    super();
    if (!(std >= 0)) throw new ArgumentError("GaussianNoise", `std is ${std}, expected 0 or more.`);
    this.std = std;
  }

  forward(x: Tensor): Tensor {
    return this.training ? x.add(nextKey(this.where).normal(x.shape, { std: this.std })) : x;
  }

  override describe(): string {
    return `GaussianNoise(${this.std})`;
  }
}
