import type { Shape } from "../../device/device.ts";
import { weighted, xLogY } from "../../operations/weighted.ts";
import { arange } from "../../tensor/create.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { held } from "../../tensor/ownership.ts";
import type { Tensor, TensorLike } from "../../tensor/tensor.ts";
import { requireCountable, requireTrials } from "../draws.ts";
import type { Key } from "../key.ts";
import { batchOf, choose, Distribution, noise, parameter, point, valuesNow, within } from "./distribution.ts";

/** One of two parameters, since each follows from the other. */
function one<A, B>(who: string, a: A | undefined, b: B | undefined, names: readonly [string, string]): void {
  if ((a === undefined) === (b === undefined))
    throw new ArgumentError(
      who,
      `${a === undefined ? "neither" : "both"} of ${names[0]} and ${names[1]}, expected one of them.`,
    );
}

/** Where `x` is a whole number of 0 or more. */
function isCount(x: Tensor): Tensor {
  return x.greaterEqual(0).and(x.equal(x.floor()));
}

/** True (1) with a probability, or that of a logit; draws are truth values. */
export class Bernoulli extends Distribution {
  readonly batch: Shape;
  readonly probability: Tensor;
  /** ln p and ln(1 − p). */
  readonly #logs: readonly [Tensor, Tensor];

  constructor({ probability, logits }: { readonly probability?: TensorLike; readonly logits?: TensorLike }) {
    super();
    one("Bernoulli", probability, logits, ["probability", "logits"]);
    if (logits !== undefined) {
      const x = parameter("Bernoulli", "logits", logits);
      this.probability = x.sigmoid();
      this.#logs = [x.logSigmoid(), x.neg().logSigmoid()];
    } else {
      const p = parameter("Bernoulli", "probability", probability!, "share");
      this.probability = p;
      this.#logs = [p.log(), p.neg().log1p()];
    }
    this.batch = this.probability.shape;
  }

  /** @internal */
  [held](): unknown {
    return this.#logs;
  }

  get mean(): Tensor {
    return this.probability;
  }

  get variance(): Tensor {
    return this.probability.mul(this.probability.neg().add(1));
  }

  sample(key: Key, shape: Shape = []): Tensor<"bool"> {
    const u = noise(key, [...shape, ...this.batch], [this.probability], (stream) => stream.uniform());
    return u.less(this.probability);
  }

  logProb(x: TensorLike): Tensor {
    const at = point(x).cast(this.probability.dtype);
    const each = weighted(at, this.#logs[0]).add(weighted(at.neg().add(1), this.#logs[1]));
    return within(at.equal(0).or(at.equal(1)), each);
  }

  #cross(other: Bernoulli): Tensor {
    const p = this.probability;
    return weighted(p, other.#logs[0])
      .add(weighted(p.neg().add(1), other.#logs[1]))
      .neg();
  }

  entropy(): Tensor {
    return this.#cross(this);
  }

  divergence(other: Bernoulli): Tensor {
    return this.#cross(other).sub(this.entropy());
  }
}

/**
 * One of the classes along the last axis, with probabilities (which are normalised) or those of logits; draws are int32
 * classes, by the largest of logits with Gumbel noise (Gumbel 1954).
 */
export class Categorical extends Distribution {
  readonly batch: Shape;
  readonly classes: number;
  readonly probabilities: Tensor;
  readonly #logs: Tensor;

  constructor({ probabilities, logits }: { readonly probabilities?: Tensor; readonly logits?: Tensor }) {
    super();
    one("Categorical", probabilities, logits, ["probabilities", "logits"]);
    const given = parameter("Categorical", "probabilities", (probabilities ?? logits)!);
    if (given.rank === 0)
      throw new ShapeError("Categorical", "the parameter is a number, expected [..., classes].", [[]]);
    this.batch = given.shape.slice(0, -1);
    this.classes = given.shape.at(-1)!;
    if (logits !== undefined) {
      this.#logs = given.logSoftmax();
      this.probabilities = this.#logs.exp();
    } else {
      this.probabilities = given.div(given.sum({ axis: -1, keepDims: true }));
      this.#logs = this.probabilities.log();
    }
  }

  /** @internal */
  [held](): unknown {
    return this.#logs;
  }

  get mean(): Tensor {
    return this.probabilities.mul(this.#numbers()).sum({ axis: -1 });
  }

  get variance(): Tensor {
    const apart = this.#numbers().sub(this.mean.expandDims(-1));
    return this.probabilities.mul(apart.square()).sum({ axis: -1 });
  }

  #numbers(): Tensor {
    return arange(this.classes, { device: this.probabilities.device });
  }

  sample(key: Key, shape: Shape = []): Tensor<"int32"> {
    const all = [...shape, ...this.probabilities.shape];
    const gumbel = noise(key, all, [this.probabilities], (stream) => -Math.log(stream.exponential()));
    return this.#logs.add(gumbel).argmax();
  }

  logProb(x: TensorLike): Tensor {
    const at = point(x).cast("int32");
    const shape = batchOf("Categorical", at, this.probabilities.sum({ axis: -1 }));
    return this.#logs.broadcastTo([...shape, this.classes]).pick(at.broadcastTo(shape) as Tensor<"int32">);
  }

  entropy(): Tensor {
    return weighted(this.probabilities, this.#logs).sum({ axis: -1 }).neg();
  }

  divergence(other: Categorical): Tensor {
    if (this.classes !== other.classes)
      throw new ShapeError("klDivergence", `${this.classes} and ${other.classes} classes, expected as many.`, []);
    return weighted(this.probabilities, other.#logs).sum({ axis: -1 }).add(this.entropy()).neg();
  }
}

/** How many of `trials` succeed, each with that probability; draws are int32. */
export class Binomial extends Distribution {
  readonly batch: Shape;
  readonly trials: number;
  readonly probability: Tensor;

  constructor({ trials, probability }: { readonly trials: number; readonly probability: TensorLike }) {
    super();
    requireTrials("Binomial", trials);
    this.trials = trials;
    this.probability = parameter("Binomial", "probability", probability, "share");
    this.batch = this.probability.shape;
  }

  get mean(): Tensor {
    return this.probability.mul(this.trials);
  }

  get variance(): Tensor {
    return this.mean.mul(this.probability.neg().add(1));
  }

  sample(key: Key, shape: Shape = []): Tensor<"int32"> {
    const all = [...shape, ...this.batch];
    const values = valuesNow("Binomial", this.probability, all);
    let i = 0;
    return noise(key, all, [this.probability], (stream) => stream.binomial(this.trials, values[i++]!)).cast("int32");
  }

  logProb(x: TensorLike): Tensor {
    const n = this.trials;
    const at = point(x).cast(this.probability.dtype);
    const inside = isCount(at).and(at.lessEqual(n));
    const k = choose(inside, at, 0);
    const rest = k.neg().add(n);
    const ways = k.add(1).lgamma().add(rest.add(1).lgamma());
    const p = this.probability;
    // lgamma(n + 1) by the tensor's own dtype.
    const whole = k
      .mul(0)
      .add(n + 1)
      .lgamma();
    return within(
      inside,
      xLogY(k, p)
        .add(xLogY(rest, p.neg().add(1)))
        .add(whole)
        .sub(ways),
    );
  }

  entropy(): Tensor {
    const counts = arange(this.trials + 1, { device: this.probability.device }).cast(this.probability.dtype);
    const logs = new Binomial({ trials: this.trials, probability: this.probability.expandDims(-1) }).logProb(counts);
    return weighted(logs.exp(), logs).sum({ axis: -1 }).neg();
  }

  divergence(other: Binomial): Tensor {
    if (this.trials !== other.trials)
      throw new ArgumentError("klDivergence", `${this.trials} and ${other.trials} trials, expected as many.`);
    const [p, q] = [this.probability, other.probability].map((probability) => new Bernoulli({ probability }));
    return p!.divergence(q!).mul(this.trials);
  }
}

/** How many events in a stretch that has `rate` of them on average; draws are int32. */
export class Poisson extends Distribution {
  readonly batch: Shape;
  readonly rate: Tensor;

  constructor({ rate }: { readonly rate: TensorLike }) {
    super();
    this.rate = parameter("Poisson", "rate", rate, "positive");
    this.batch = this.rate.shape;
  }

  get mean(): Tensor {
    return this.rate;
  }

  get variance(): Tensor {
    return this.rate;
  }

  sample(key: Key, shape: Shape = []): Tensor<"int32"> {
    const all = [...shape, ...this.batch];
    const values = valuesNow("Poisson", this.rate, all);
    for (const rate of Array.from(values)) requireCountable("Poisson", rate);
    let i = 0;
    return noise(key, all, [this.rate], (stream) => stream.poisson(values[i++]!)).cast("int32");
  }

  logProb(x: TensorLike): Tensor {
    const at = point(x).cast(this.rate.dtype);
    const k = choose(isCount(at), at, 0);
    return within(isCount(at), xLogY(k, this.rate).sub(this.rate).sub(k.add(1).lgamma()));
  }

  /** Summed over the counts that have any probability, which takes the values of the rate. */
  entropy(): Tensor {
    const most = Math.max(...Array.from(valuesNow("Poisson", this.rate, this.batch)));
    const counts = arange(Math.ceil(most + 12 * Math.sqrt(most) + 40), { device: this.rate.device }).cast(
      this.rate.dtype,
    );
    const logs = new Poisson({ rate: this.rate.expandDims(-1) }).logProb(counts);
    return weighted(logs.exp(), logs).sum({ axis: -1 }).neg();
  }

  divergence(other: Poisson): Tensor {
    return xLogY(this.rate, this.rate.div(other.rate)).sub(this.rate).add(other.rate);
  }
}
