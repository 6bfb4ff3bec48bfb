import { type PathPattern, placesMatching } from "../gradient/paths.ts";
import { replaceShared } from "../gradient/tree.ts";
import { div } from "../operations/arithmetic.ts";
import { where } from "../operations/selection.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { nextKey } from "./context.ts";
import { Module, parameters } from "./module.ts";

/** Refuses what is no rate of dropping out. */
function checkRate(who: string, rate: number): void {
  if (!(rate >= 0 && rate < 1)) throw new ArgumentError(who, `rate is ${rate}, expected 0 ≤ rate < 1.`);
}

/** What is dropped at random in training. */
abstract class Dropping extends Module {
  readonly rate: number;

  constructor(rate: number) {
    super();
    checkRate(this.constructor.name, rate);
    this.rate = rate;
  }

  /** Whether anything is dropped now. */
  protected get dropping(): boolean {
    return this.training && this.rate > 0;
  }

  /** Which of so many values stay. */
  protected kept(shape: readonly number[]): Tensor<"bool"> {
    return nextKey(this.where).bernoulli(shape, 1 - this.rate);
  }

  override describe(): string {
    return `${this.constructor.name}(${this.rate})`;
  }
}

/**
 * In training, sets each element to zero with probability `rate` and scales the others by 1 / (1 − rate); otherwise lets
 * everything through (Srivastava et al., JMLR 2014).
 *
 * @example
 * ```ts
 * import { nn, ones } from "gradbook";
 *
 * await new nn.Dropout(0.5).forward(ones([3])).toArray(); // [1, 1, 1], since no training step is under way
 * ```
 */
export class Dropout extends Dropping {
  forward(x: Tensor): Tensor {
    return this.dropping ? where(this.kept(x.shape), div(x, 1 - this.rate), 0) : x;
  }
}

/**
 * Spatial dropout (Tompson et al., CVPR 2015): drops whole channels of `[batch, channels, …]` and scales the others, since
 * neighbouring places of a map say much the same.
 */
export class SpatialDropout extends Dropping {
  forward(x: Tensor): Tensor {
    if (x.rank < 2)
      throw new ShapeError(this.where, `the input is ${showShape(x.shape)}, expected [batch, channels, …].`, [x.shape]);
    if (!this.dropping) return x;
    const channels = x.shape.map((n, axis) => (axis < 2 ? n : 1));
    return where(this.kept(channels), div(x, 1 - this.rate), 0);
  }
}

/** What a self-normalising net knows as nothing: −λα of `selu`. */
const nothing = -1.0507009873554805 * 1.6732632423543772;

/** Dropout for nets of `selu` (Klambauer et al., NeurIPS 2017): mean 0 and variance 1 stay what they are. */
export class AlphaDropout extends Dropping {
  forward(x: Tensor): Tensor {
    if (!this.dropping) return x;
    const scale = 1 / Math.sqrt((1 - this.rate) * (1 + this.rate * nothing ** 2));
    const shift = -scale * this.rate * nothing;
    return where(this.kept(x.shape), x, nothing).mul(scale).add(shift);
  }
}

/** Which weights are dropped. */
export interface DropConnectOptions {
  /** By path inside the layer: `weight*` if not said; `weight_hh*` are the recurrent ones of an LSTM (Merity et al. 2018). */
  readonly weights?: PathPattern;
}

/**
 * In training, drops each weight of a layer with probability `rate` and scales the others, once for the whole batch
 * (DropConnect: Wan et al., ICML 2013). The parameters are those of the layer, at `layer.`.
 */
export class DropConnect<L extends Module & { forward(x: Tensor): unknown }> extends Dropping {
  readonly layer: L;
  readonly #weights: PathPattern;

  constructor(layer: L, rate: number, { weights = /(^|\.)weight/ }: DropConnectOptions = {}) {
    super(rate);
    this.layer = layer;
    this.#weights = weights;
    placesMatching("DropConnect", parameters(layer), weights);
  }

  forward(x: Tensor): ReturnType<L["forward"]> {
    const run = () => this.layer.forward(x) as ReturnType<L["forward"]>;
    if (!this.dropping) return run();
    const places = placesMatching(this.where, parameters(this.layer), this.#weights);
    const before = places.map((place) => place.get());
    try {
      replaceShared(places, (_, w) => where(this.kept(w.shape), div(w, 1 - this.rate), 0));
      return run();
    } finally {
      for (const [i, place] of places.entries()) place.set(before[i]!);
    }
  }
}
