import type { Shape } from "../../device/device.ts";
import { held } from "../../tensor/ownership.ts";
import type { Tensor, TensorLike } from "../../tensor/tensor.ts";
import type { Key } from "../key.ts";
import { batchOf, choose, noise, parameter, point, RealDistribution, together, within } from "./distribution.ts";

const halfLogTau = 0.5 * Math.log(2 * Math.PI);

/**
 * The normal distribution with that mean and standard deviation. Draws have gradients (Kingma and Welling, ICLR 2014).
 *
 * @example
 * ```ts
 * import { random, tensor } from "gradbook";
 * const normal = new random.Normal({ mean: tensor([0, 1]), std: 2 });
 * await normal.logProb(0).toArray(); // [-1.6120857000350952, -1.7370857000350952]
 * normal.sample(random.seed(1), [3]).shape; // [3, 2]
 * ```
 */
export class Normal extends RealDistribution {
  readonly batch: Shape;
  readonly mean: Tensor;
  readonly std: Tensor;

  constructor({ mean = 0, std = 1 }: { readonly mean?: TensorLike; readonly std?: TensorLike } = {}) {
    super();
    [this.mean, this.std] = together(parameter("Normal", "mean", mean), parameter("Normal", "std", std, "positive"));
    this.batch = batchOf("Normal", this.mean, this.std);
  }

  get variance(): Tensor {
    return this.std.square();
  }

  sample(key: Key, shape: Shape = []): Tensor {
    const z = noise(key, [...shape, ...this.batch], [this.mean, this.std], (stream) => stream.normal());
    return z.mul(this.std).add(this.mean);
  }

  #standard(x: TensorLike): Tensor {
    return point(x).sub(this.mean).div(this.std);
  }

  logProb(x: TensorLike): Tensor {
    return this.#standard(x).square().mul(-0.5).sub(this.std.log()).sub(halfLogTau);
  }

  cdf(x: TensorLike): Tensor {
    return this.#standard(x).mul(-Math.SQRT1_2).erfc().mul(0.5);
  }

  quantile(probability: TensorLike): Tensor {
    return point(probability).mul(2).sub(1).erfInv().mul(Math.SQRT2).mul(this.std).add(this.mean);
  }

  entropy(): Tensor {
    return this.std
      .log()
      .add(halfLogTau + 0.5)
      .add(this.mean.mul(0));
  }

  divergence(other: Normal): Tensor {
    const ratio = this.std.div(other.std);
    const apart = this.mean.sub(other.mean).div(other.std);
    return ratio.square().add(apart.square()).sub(1).mul(0.5).sub(ratio.log());
  }
}

/** What is e to the power of a normal draw with mean `location` and standard deviation `scale`. Draws have gradients. */
export class LogNormal extends RealDistribution {
  readonly batch: Shape;
  readonly #log: Normal;

  constructor({ location = 0, scale = 1 }: { readonly location?: TensorLike; readonly scale?: TensorLike } = {}) {
    super();
    this.#log = new Normal({
      mean: parameter("LogNormal", "location", location),
      std: parameter("LogNormal", "scale", scale, "positive"),
    });
    this.batch = batchOf("LogNormal", this.#log.mean, this.#log.std);
  }

  /** @internal */
  [held](): unknown {
    return this.#log;
  }

  get mean(): Tensor {
    return this.#log.mean.add(this.#log.variance.mul(0.5)).exp();
  }

  get variance(): Tensor {
    const { mean, variance } = this.#log;
    return variance.expm1().mul(mean.mul(2).add(variance).exp());
  }

  sample(key: Key, shape: Shape = []): Tensor {
    return this.#log.sample(key, shape).exp();
  }

  logProb(x: TensorLike): Tensor {
    const at = point(x);
    const log = choose(at.greater(0), at, 1).log();
    return within(at.greater(0), this.#log.logProb(log).sub(log));
  }

  cdf(x: TensorLike): Tensor {
    return this.#log.cdf(point(x).maximum(0).log());
  }

  quantile(probability: TensorLike): Tensor {
    return this.#log.quantile(probability).exp();
  }

  entropy(): Tensor {
    return this.#log.entropy().add(this.#log.mean);
  }

  divergence(other: LogNormal): Tensor {
    return this.#log.divergence(other.#log);
  }
}
