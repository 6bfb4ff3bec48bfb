import type { Shape } from "../../device/device.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor, TensorLike } from "../../tensor/tensor.ts";
import type { Key } from "../key.ts";
import { batchOf, choose, Distribution, noise, parameter, point, together } from "./distribution.ts";
import { logGammas } from "./gamma.ts";

/** Student's t with that many degrees of freedom, moved and stretched. Draws have gradients. */
export class StudentT extends Distribution {
  readonly batch: Shape;
  readonly freedom: Tensor;
  readonly location: Tensor;
  readonly scale: Tensor;

  constructor({
    freedom,
    location = 0,
    scale = 1,
  }: {
    readonly freedom: TensorLike;
    readonly location?: TensorLike;
    readonly scale?: TensorLike;
  }) {
    super();
    [this.freedom, this.location, this.scale] = together(
      parameter("StudentT", "freedom", freedom, "positive"),
      parameter("StudentT", "location", location),
      parameter("StudentT", "scale", scale, "positive"),
    );
    this.batch = batchOf("StudentT", this.freedom, this.location, this.scale);
  }

  /** NaN for 1 degree of freedom or less. */
  get mean(): Tensor {
    return choose(this.freedom.greater(1), this.location, Number.NaN).add(this.scale.mul(0));
  }

  /** Infinite for 2 degrees of freedom or less, NaN for 1. */
  get variance(): Tensor {
    const n = this.freedom;
    const finite = this.scale
      .square()
      .mul(n)
      .div(choose(n.greater(2), n.sub(2), 1));
    const few = choose(n.greater(1), Number.POSITIVE_INFINITY, Number.NaN);
    return choose(n.greater(2), finite, few).add(this.location.mul(0));
  }

  sample(key: Key, shape: Shape = []): Tensor {
    const all = [...shape, ...this.batch];
    const half = this.freedom.mul(0.5);
    const z = noise(key.child("normal"), all, [this.freedom, this.location, this.scale], (stream) => stream.normal());
    const spread = logGammas("StudentT", key.child("spread"), half, all).sub(half.log()).mul(-0.5).exp();
    return z.mul(spread).mul(this.scale).add(this.location);
  }

  /** ln of what the density is divided by, without the scale. */
  #logNorm(): Tensor {
    const half = this.freedom.mul(0.5);
    return half.lgamma().sub(half.add(0.5).lgamma()).add(this.freedom.mul(Math.PI).log().mul(0.5));
  }

  logProb(x: TensorLike): Tensor {
    const z = point(x).sub(this.location).div(this.scale);
    const terms = z.square().div(this.freedom).log1p().mul(this.freedom.add(1)).mul(-0.5);
    return terms.sub(this.#logNorm()).sub(this.scale.log());
  }

  entropy(): Tensor {
    const half = this.freedom.mul(0.5);
    const apart = half.add(0.5).digamma().sub(half.digamma());
    return apart.mul(half.add(0.5)).add(this.#logNorm()).add(this.scale.log()).add(this.location.mul(0));
  }

  divergence(_other: StudentT): Tensor {
    throw new ArgumentError(
      "klDivergence",
      "two Student's t have no divergence in closed form. Average logProb over draws.",
    );
  }
}
