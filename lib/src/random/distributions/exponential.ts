import type { Shape } from "../../device/device.ts";
import type { Tensor, TensorLike } from "../../tensor/tensor.ts";
import type { Key } from "../key.ts";
import { noise, parameter, point, RealDistribution, within } from "./distribution.ts";

/** rate · e^(−rate x), the time to the next event. Draws have gradients. */
export class Exponential extends RealDistribution {
  readonly batch: Shape;
  readonly rate: Tensor;

  constructor({ rate = 1 }: { readonly rate?: TensorLike } = {}) {
    super();
    this.rate = parameter("Exponential", "rate", rate, "positive");
    this.batch = this.rate.shape;
  }

  get mean(): Tensor {
    return this.rate.reciprocal();
  }

  get variance(): Tensor {
    return this.rate.square().reciprocal();
  }

  sample(key: Key, shape: Shape = []): Tensor {
    return noise(key, [...shape, ...this.batch], [this.rate], (stream) => stream.exponential()).div(this.rate);
  }

  logProb(x: TensorLike): Tensor {
    const at = point(x);
    return within(at.greaterEqual(0), this.rate.log().sub(at.mul(this.rate)));
  }

  cdf(x: TensorLike): Tensor {
    return point(x).maximum(0).mul(this.rate).neg().expm1().neg();
  }

  quantile(probability: TensorLike): Tensor {
    return point(probability).neg().log1p().neg().div(this.rate);
  }

  entropy(): Tensor {
    return this.rate.log().neg().add(1);
  }

  divergence(other: Exponential): Tensor {
    const ratio = other.rate.div(this.rate);
    return ratio.sub(1).sub(ratio.log());
  }
}
