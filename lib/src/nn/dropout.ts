import { div } from "../operations/arithmetic.ts";
import { where } from "../operations/selection.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { nextKey } from "./context.ts";
import { Module } from "./module.ts";

/**
 * In training, sets each element to zero with probability `rate` and scales the others by 1 / (1 − rate); otherwise lets
 * everything through (Srivastava et al., JMLR 2014).
 */
export class Dropout extends Module {
  readonly rate: number;

  constructor(rate: number) {
    super();
    if (!(rate >= 0 && rate < 1)) throw new ArgumentError("Dropout", `rate is ${rate}, expected 0 ≤ rate < 1.`);
    this.rate = rate;
  }

  forward(x: Tensor): Tensor {
    if (!this.training || this.rate === 0) return x;
    const kept = nextKey(this.where).bernoulli(x.shape, 1 - this.rate);
    return where(kept, div(x, 1 - this.rate), 0);
  }

  override describe(): string {
    return `Dropout(${this.rate})`;
  }
}
