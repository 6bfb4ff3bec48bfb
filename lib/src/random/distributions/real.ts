import type { Shape } from "../../device/device.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor, TensorLike } from "../../tensor/tensor.ts";
import type { Key } from "../key.ts";
import type { Stream } from "../stream.ts";
import { batchOf, choose, noise, parameter, point, RealDistribution, together, within } from "./distribution.ts";

const euler = 0.5772156649015329;

/** The same density everywhere between `low` and `high`. Draws have gradients. */
export class Uniform extends RealDistribution {
  readonly batch: Shape;
  readonly low: Tensor;
  readonly high: Tensor;

  constructor({ low = 0, high = 1 }: { readonly low?: TensorLike; readonly high?: TensorLike } = {}) {
    super();
    if (typeof low === "number" && typeof high === "number" && !(low < high))
      throw new ArgumentError("Uniform", `low is ${low} and high ${high}, expected low < high.`);
    [this.low, this.high] = together(parameter("Uniform", "low", low), parameter("Uniform", "high", high));
    this.batch = batchOf("Uniform", this.low, this.high);
  }

  get #width(): Tensor {
    return this.high.sub(this.low);
  }

  get mean(): Tensor {
    return this.low.add(this.high).mul(0.5);
  }

  get variance(): Tensor {
    return this.#width.square().div(12);
  }

  sample(key: Key, shape: Shape = []): Tensor {
    const u = noise(key, [...shape, ...this.batch], [this.low, this.high], (stream) => stream.uniform());
    return u.mul(this.#width).add(this.low);
  }

  logProb(x: TensorLike): Tensor {
    const at = point(x);
    const inside = at.greaterEqual(this.low).and(at.lessEqual(this.high));
    return within(inside, this.#width.log().neg());
  }

  cdf(x: TensorLike): Tensor {
    return point(x).sub(this.low).div(this.#width).clamp({ min: 0, max: 1 });
  }

  quantile(probability: TensorLike): Tensor {
    return point(probability).mul(this.#width).add(this.low);
  }

  entropy(): Tensor {
    return this.#width.log();
  }

  divergence(other: Uniform): Tensor {
    const inside = other.low.lessEqual(this.low).and(this.high.lessEqual(other.high));
    return choose(inside, other.#width.div(this.#width).log(), Number.POSITIVE_INFINITY);
  }
}

/** Parameters of distributions that are moved and stretched. */
export interface LocationScale {
  /** 0 if not said. */
  readonly location?: TensorLike;
  /** Positive; 1 if not said. */
  readonly scale?: TensorLike;
}

/** @internal A distribution that is a standard one times `scale` plus `location`; so draws have gradients. */
export abstract class Moved extends RealDistribution {
  readonly batch: Shape;
  readonly location: Tensor;
  readonly scale: Tensor;

  constructor(who: string, { location = 0, scale = 1 }: LocationScale) {
    super();
    [this.location, this.scale] = together(
      parameter(who, "location", location),
      parameter(who, "scale", scale, "positive"),
    );
    this.batch = batchOf(who, this.location, this.scale);
  }

  protected abstract draw(stream: Stream): number;

  protected standard(x: TensorLike): Tensor {
    return point(x).sub(this.location).div(this.scale);
  }

  protected moved(z: Tensor): Tensor {
    return z.mul(this.scale).add(this.location);
  }

  sample(key: Key, shape: Shape = []): Tensor {
    return this.moved(
      noise(key, [...shape, ...this.batch], [this.location, this.scale], (stream) => this.draw(stream)),
    );
  }
}

/** e^(−|x − location| / scale) / (2 scale) (Laplace 1774). */
export class Laplace extends Moved {
  constructor(options: LocationScale = {}) {
    super("Laplace", options);
  }

  protected draw(stream: Stream): number {
    const size = stream.exponential();
    return stream.uniform() < 0.5 ? -size : size;
  }

  get mean(): Tensor {
    return this.location;
  }

  get variance(): Tensor {
    return this.scale.square().mul(2);
  }

  logProb(x: TensorLike): Tensor {
    return this.standard(x).abs().neg().sub(this.scale.mul(2).log());
  }

  cdf(x: TensorLike): Tensor {
    const z = this.standard(x);
    const tail = z.abs().neg().exp().mul(0.5);
    return choose(z.less(0), tail, tail.neg().add(1));
  }

  quantile(probability: TensorLike): Tensor {
    const p = point(probability);
    const size = p.minimum(p.neg().add(1)).mul(2).log();
    return this.moved(choose(p.less(0.5), size, size.neg()));
  }

  entropy(): Tensor {
    return this.scale.mul(2).log().add(1);
  }

  divergence(other: Laplace): Tensor {
    const apart = this.location.sub(other.location).abs();
    const ratio = this.scale.div(other.scale);
    const near = ratio.mul(apart.div(this.scale).neg().exp());
    return apart.div(other.scale).add(near).sub(1).sub(ratio.log());
  }
}

/** The law of the largest of many (Gumbel 1935): its cdf is e^(−e^(−(x − location) / scale)). */
export class Gumbel extends Moved {
  constructor(options: LocationScale = {}) {
    super("Gumbel", options);
  }

  protected draw(stream: Stream): number {
    return -Math.log(stream.exponential());
  }

  get mean(): Tensor {
    return this.scale.mul(euler).add(this.location);
  }

  get variance(): Tensor {
    return this.scale.square().mul(Math.PI ** 2 / 6);
  }

  logProb(x: TensorLike): Tensor {
    const z = this.standard(x);
    return z.add(z.neg().exp()).neg().sub(this.scale.log());
  }

  cdf(x: TensorLike): Tensor {
    return this.standard(x).neg().exp().neg().exp();
  }

  quantile(probability: TensorLike): Tensor {
    return this.moved(point(probability).log().neg().log().neg());
  }

  entropy(): Tensor {
    return this.scale.log().add(1 + euler);
  }

  divergence(other: Gumbel): Tensor {
    const ratio = this.scale.div(other.scale);
    const apart = this.location.sub(other.location).div(other.scale);
    const tail = ratio.add(1).lgamma().sub(apart).exp();
    return ratio.sub(1).mul(euler).add(apart).add(tail).sub(1).sub(ratio.log());
  }
}

/** 1 / (π scale (1 + ((x − location) / scale)²)): without mean and variance, which are NaN. */
export class Cauchy extends Moved {
  constructor(options: LocationScale = {}) {
    super("Cauchy", options);
  }

  protected draw(stream: Stream): number {
    return Math.tan(Math.PI * (stream.uniform() - 0.5));
  }

  get mean(): Tensor {
    return this.scale.add(this.location).mul(Number.NaN);
  }

  get variance(): Tensor {
    return this.mean;
  }

  logProb(x: TensorLike): Tensor {
    return this.standard(x).square().log1p().neg().sub(this.scale.mul(Math.PI).log());
  }

  cdf(x: TensorLike): Tensor {
    return this.standard(x).atan().div(Math.PI).add(0.5);
  }

  quantile(probability: TensorLike): Tensor {
    return this.moved(point(probability).sub(0.5).mul(Math.PI).tan());
  }

  entropy(): Tensor {
    return this.scale.mul(4 * Math.PI).log();
  }

  /** Chyzak and Nielsen 2019. */
  divergence(other: Cauchy): Tensor {
    const sum = this.scale.add(other.scale).square().add(this.location.sub(other.location).square());
    return sum.log().sub(this.scale.mul(other.scale).mul(4).log());
  }
}
