import type { Shape } from "../../device/device.ts";
import { hostArray } from "../../device/host.ts";
import { apply } from "../../operations/define.ts";
import type { AnyOperation } from "../../operations/record.ts";
import { xLogY } from "../../operations/weighted.ts";
import { tensorOf } from "../../tensor/create.ts";
import { ShapeError } from "../../tensor/errors.ts";
import { sizeOf } from "../../tensor/shapes.ts";
import type { Tensor, TensorLike } from "../../tensor/tensor.ts";
import type { Key } from "../key.ts";
import { logGammaSlope } from "../stream.ts";
import { batchOf, choose, Distribution, parameter, point, together, valuesNow, within } from "./distribution.ts";

/**
 * @internal Logarithms of gamma draws with rate 1. Their gradient keeps each draw at its place in the distribution (implicit
 * reparametrisation: Figurnov, Mohamed and Mnih, NeurIPS 2018); it counts as a constant for second derivatives.
 */
export function logGammas(who: string, key: Key, concentration: Tensor, shape: Shape): Tensor {
  const wide = concentration.broadcastTo(shape);
  const values = valuesNow(who, wide, shape);
  const stream = key.stream();
  const dtype = wide.dtype as "float32" | "float64";
  const logs = hostArray(dtype, sizeOf(shape));
  for (let i = 0; i < logs.length; i++) logs[i] = stream.logGamma(values[i]!);
  const slopes = () => {
    const all = hostArray(dtype, logs.length);
    for (let i = 0; i < all.length; i++) all[i] = logGammaSlope(values[i]!, logs[i]!);
    return tensorOf(all, dtype, shape, wide.device);
  };
  const record = {
    name: who,
    inputs: ["concentration"],
    shape: () => shape,
    compose: () => tensorOf(logs, dtype, shape, wide.device),
    pullback: (g: Tensor) => [g.mul(slopes())],
    samples: [],
  };
  return apply(record as unknown as AnyOperation, [wide], undefined);
}

/** x^(concentration − 1) e^(−rate x), normalised. Draws have gradients with respect to both. */
export class Gamma extends Distribution {
  readonly batch: Shape;
  readonly concentration: Tensor;
  readonly rate: Tensor;

  constructor({ concentration, rate = 1 }: { readonly concentration: TensorLike; readonly rate?: TensorLike }) {
    super();
    [this.concentration, this.rate] = together(
      parameter("Gamma", "concentration", concentration, "positive"),
      parameter("Gamma", "rate", rate, "positive"),
    );
    this.batch = batchOf("Gamma", this.concentration, this.rate);
  }

  get mean(): Tensor {
    return this.concentration.div(this.rate);
  }

  get variance(): Tensor {
    return this.concentration.div(this.rate.square());
  }

  sample(key: Key, shape: Shape = []): Tensor {
    return logGammas("Gamma", key, this.concentration, [...shape, ...this.batch])
      .exp()
      .div(this.rate);
  }

  logProb(x: TensorLike): Tensor {
    const [a, at] = [this.concentration, point(x)];
    const inside = choose(at.greaterEqual(0), at, 1);
    const terms = a
      .mul(this.rate.log())
      .add(xLogY(a.sub(1), inside))
      .sub(inside.mul(this.rate))
      .sub(a.lgamma());
    return within(at.greaterEqual(0), terms);
  }

  entropy(): Tensor {
    const a = this.concentration;
    return a.sub(this.rate.log()).add(a.lgamma()).add(a.neg().add(1).mul(a.digamma()));
  }

  divergence(other: Gamma): Tensor {
    const [a, b] = [this.concentration, other.concentration];
    return a
      .sub(b)
      .mul(a.digamma())
      .sub(a.lgamma())
      .add(b.lgamma())
      .add(b.mul(this.rate.div(other.rate).log()))
      .add(a.mul(other.rate.sub(this.rate)).div(this.rate));
  }
}

/** x^(alpha − 1) (1 − x)^(beta − 1) between 0 and 1, normalised. Draws have gradients. */
export class Beta extends Distribution {
  readonly batch: Shape;
  readonly alpha: Tensor;
  readonly beta: Tensor;

  constructor({ alpha, beta }: { readonly alpha: TensorLike; readonly beta: TensorLike }) {
    super();
    [this.alpha, this.beta] = together(
      parameter("Beta", "alpha", alpha, "positive"),
      parameter("Beta", "beta", beta, "positive"),
    );
    this.batch = batchOf("Beta", this.alpha, this.beta);
  }

  get mean(): Tensor {
    return this.alpha.div(this.alpha.add(this.beta));
  }

  get variance(): Tensor {
    const sum = this.alpha.add(this.beta);
    return this.alpha.mul(this.beta).div(sum.square().mul(sum.add(1)));
  }

  sample(key: Key, shape: Shape = []): Tensor {
    const all = [...shape, ...this.batch];
    const odds = logGammas("Beta", key.child("alpha"), this.alpha, all).sub(
      logGammas("Beta", key.child("beta"), this.beta, all),
    );
    return odds.sigmoid();
  }

  /** ln of what the density is divided by. */
  #logNorm(): Tensor {
    return this.alpha.lgamma().add(this.beta.lgamma()).sub(this.alpha.add(this.beta).lgamma());
  }

  logProb(x: TensorLike): Tensor {
    const at = point(x);
    const inside = at.greaterEqual(0).and(at.lessEqual(1));
    const x1 = choose(inside, at, 0.5);
    const terms = xLogY(this.alpha.sub(1), x1).add(xLogY(this.beta.sub(1), x1.neg().add(1)));
    return within(inside, terms.sub(this.#logNorm()));
  }

  entropy(): Tensor {
    const sum = this.alpha.add(this.beta);
    return this.#logNorm()
      .sub(this.alpha.sub(1).mul(this.alpha.digamma()))
      .sub(this.beta.sub(1).mul(this.beta.digamma()))
      .add(sum.sub(2).mul(sum.digamma()));
  }

  divergence(other: Beta): Tensor {
    const [a, b] = [this.alpha.sub(other.alpha), this.beta.sub(other.beta)];
    const sum = this.alpha.add(this.beta).digamma();
    return other
      .#logNorm()
      .sub(this.#logNorm())
      .add(a.mul(this.alpha.digamma().sub(sum)))
      .add(b.mul(this.beta.digamma().sub(sum)));
  }
}

/** Distributions over the last axis: `concentration [..., k]`, draws `[..., k]` that sum to 1. Draws have gradients. */
export class Dirichlet extends Distribution {
  readonly batch: Shape;
  override readonly event: Shape;
  readonly concentration: Tensor;

  constructor({ concentration }: { readonly concentration: Tensor }) {
    super();
    this.concentration = parameter("Dirichlet", "concentration", concentration, "positive");
    if (this.concentration.rank === 0)
      throw new ShapeError("Dirichlet", "the concentration is a number, expected [..., k].", [[]]);
    this.batch = this.concentration.shape.slice(0, -1);
    this.event = this.concentration.shape.slice(-1);
  }

  get #total(): Tensor {
    return this.concentration.sum({ axis: -1, keepDims: true });
  }

  get mean(): Tensor {
    return this.concentration.div(this.#total);
  }

  get variance(): Tensor {
    const mean = this.mean;
    return mean.mul(mean.neg().add(1)).div(this.#total.add(1));
  }

  sample(key: Key, shape: Shape = []): Tensor {
    return logGammas("Dirichlet", key, this.concentration, [...shape, ...this.concentration.shape]).softmax();
  }

  #logNorm(): Tensor {
    return this.concentration.lgamma().sum({ axis: -1 }).sub(this.#total.squeeze(-1).lgamma());
  }

  logProb(x: TensorLike): Tensor {
    return xLogY(this.concentration.sub(1), point(x)).sum({ axis: -1 }).sub(this.#logNorm());
  }

  entropy(): Tensor {
    const total = this.#total.squeeze(-1);
    const each = this.concentration.sub(1).mul(this.concentration.digamma()).sum({ axis: -1 });
    return this.#logNorm().add(total.sub(this.event[0]!).mul(total.digamma())).sub(each);
  }

  divergence(other: Dirichlet): Tensor {
    const apart = this.concentration.digamma().sub(this.#total.digamma());
    const each = this.concentration.sub(other.concentration).mul(apart).sum({ axis: -1 });
    return other.#logNorm().sub(this.#logNorm()).add(each);
  }
}
