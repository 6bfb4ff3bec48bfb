import type { Key } from "../random/key.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { nextKey } from "./context.ts";
import { checkCount, Module } from "./module.ts";
import type { UnitKind } from "./rbm-units.ts";
import { type Layer, run } from "./sequential.ts";

export interface VariationalOptions {
  /** From data `[n, …]` to means and log variances of the latent variables, one after another: `[n, 2 · latent]`. */
  readonly encoder: Layer;
  /** From latent variables `[n, latent]` to data: logits for `bernoulli` data, means for `gaussian`. */
  readonly decoder: Layer;
  readonly latent: number;
  /** What data are: `bernoulli` (0 … 1) if not said, or `gaussian`. */
  readonly data?: UnitKind;
  /** Variance of gaussian data around what is decoded; 1 if not said. */
  readonly variance?: number;
}

/** What is drawn, and how the two parts of the bound are weighted. */
export interface BoundOptions {
  /** Draws of the latent variables for each example; 1 if not said. */
  readonly samples?: number;
  /** Weight of the divergence from the prior; 1 if not said (Higgins et al. 2017). */
  readonly beta?: number;
  /** That of the training step under way if not said. */
  readonly key?: Key;
}

/** Where the latent variables of some examples are, each a normal distribution, `[n, latent]`. */
export interface Posterior {
  readonly mean: Tensor;
  readonly logVariance: Tensor;
}

/**
 * A variational autoencoder (Kingma and Welling 2014; Rezende, Mohamed and Wierstra 2014): data come from a normal latent
 * variable through a decoder; an encoder says which latent variables are likely for an example. Encoder and decoder are
 * any layers, convolutions too.
 *
 * Throws an `ArgumentError` for sizes or variances out of range; methods throw a `ShapeError` where encoder or decoder
 * give other shapes than they have to.
 *
 * @example
 * ```ts
 * import { nn, random, tanh } from "gradbook";
 *
 * const model = nn.init(
 *   new nn.VariationalAutoencoder({
 *     encoder: new nn.Sequential([new nn.Linear(12, 8), tanh, new nn.Linear(8, 4)]),
 *     decoder: new nn.Sequential([new nn.Linear(2, 8), tanh, new nn.Linear(8, 12)]),
 *     latent: 2,
 *   }),
 *   { seed: 1 },
 * );
 * const x = random.seed(1).uniform([5, 12]);
 * model.loss(x, { key: random.seed(2) }).shape; // []
 * model.sample({ count: 3, key: random.seed(3) }).shape; // [3, 12]
 * ```
 */
export class VariationalAutoencoder extends Module {
  readonly encoder: Layer;
  readonly decoder: Layer;
  readonly latent: number;
  readonly data: UnitKind;
  readonly variance: number;

  constructor({ encoder, decoder, latent, data = "bernoulli", variance = 1 }: VariationalOptions) {
    super();
    checkCount("VariationalAutoencoder", "latent", latent);
    if (data !== "bernoulli" && data !== "gaussian")
      throw new ArgumentError("VariationalAutoencoder", `data is ${data}, expected bernoulli or gaussian.`);
    if (!(variance > 0))
      throw new ArgumentError("VariationalAutoencoder", `variance is ${variance}, expected a positive number.`);
    this.encoder = encoder;
    this.decoder = decoder;
    this.latent = latent;
    this.data = data;
    this.variance = variance;
  }

  /** What the encoder says of some examples. */
  encode(x: Tensor): Posterior {
    const both = run(this.encoder, x);
    const expected = [x.shape[0]!, 2 * this.latent];
    if (!sameShape(both.shape, expected))
      throw new ShapeError(
        this.where,
        `the encoder gives ${showShape(both.shape)}, expected means and log variances ${showShape(expected)}.`,
        [both.shape],
      );
    const half = (start: number) => both.slice({ axis: 1, start, stop: start + this.latent });
    return { mean: half(0), logVariance: half(this.latent) };
  }

  /** Data from latent variables `[n, latent]`: means. */
  decode(z: Tensor): Tensor {
    const y = run(this.decoder, z);
    return this.data === "bernoulli" ? y.sigmoid() : y;
  }

  /** Each example made again from the mean of its latent variables. */
  forward(x: Tensor): Tensor {
    return this.decode(this.encode(x).mean);
  }

  /**
   * Minus the evidence lower bound in nats, mean over the batch: how badly examples are made again from a draw, and how
   * far the encoder's distributions are from the prior, in closed form (Kingma and Welling 2014, equation 10).
   */
  loss(x: Tensor, options: BoundOptions = {}): Tensor {
    const { samples = 1, beta = 1, key = nextKey(this.where) } = options;
    checkCount("VariationalAutoencoder", "samples", samples);
    const posterior = this.encode(x);
    const draws = Array.from({ length: samples }, (_, i) =>
      this.#logLikelihood(x, drawn(posterior, key.child(i))).mean(),
    );
    const fit = draws.reduce((sum, value) => sum.add(value)).div(samples);
    return divergence(posterior).mean().mul(beta).sub(fit);
  }

  /** How far the encoder's distribution of each example is from the prior, in nats, `[n]`. */
  divergence(x: Tensor): Tensor {
    return divergence(this.encode(x));
  }

  /**
   * The log probability of each example, `[n]`, estimated from below by importance sampling with the encoder's
   * distributions (Burda, Grosse and Salakhutdinov, ICLR 2016): tighter with more samples.
   */
  logLikelihood(x: Tensor, options: { readonly samples: number; readonly key: Key }): Tensor {
    checkCount("VariationalAutoencoder", "samples", options.samples);
    const posterior = this.encode(x);
    const weights = Array.from({ length: options.samples }, (_, i) => {
      const noise = options.key.child(i).normal(posterior.mean.shape);
      const z = moved(posterior, noise);
      // ln p(z) − ln q(z): their constants cancel.
      const prior = z.square().sum({ axis: 1 });
      const own = noise.square().add(posterior.logVariance).sum({ axis: 1 });
      return this.#logLikelihood(x, z).sub(prior.sub(own).mul(0.5)).expandDims(0);
    });
    const [first, ...rest] = weights as [Tensor, ...Tensor[]];
    const all = rest.length === 0 ? first : rest.reduce((sum, w) => sum.logAddExp(w), first);
    return all.squeeze(0).sub(Math.log(options.samples));
  }

  /** Data made from latent variables drawn from the prior: means. */
  sample({ count, key }: { readonly count: number; readonly key: Key }): Tensor {
    checkCount("VariationalAutoencoder", "count", count);
    return this.decode(key.normal([count, this.latent]));
  }

  /** ln p(x | z) of each example. */
  #logLikelihood(x: Tensor, z: Tensor): Tensor {
    const y = run(this.decoder, z);
    if (!sameShape(y.shape, x.shape))
      throw new ShapeError(this.where, `the decoder gives ${showShape(y.shape)}, the data are ${showShape(x.shape)}.`, [
        y.shape,
        x.shape,
      ]);
    const axis = x.shape.map((_, i) => i).slice(1);
    if (this.data === "bernoulli") return y.mul(x).sub(y.softplus()).sum({ axis });
    const constant = 0.5 * Math.log(2 * Math.PI * this.variance);
    return y
      .sub(x)
      .square()
      .div(-2 * this.variance)
      .sub(constant)
      .sum({ axis });
  }

  override describe(): string {
    return `VariationalAutoencoder(${this.latent})`;
  }
}

/** The reparametrisation: what is drawn is a function of means, variances and noise, so that it has derivatives. */
function moved({ mean, logVariance }: Posterior, noise: Tensor): Tensor {
  return mean.add(logVariance.mul(0.5).exp().mul(noise));
}

function drawn(posterior: Posterior, key: Key): Tensor {
  return moved(posterior, key.normal(posterior.mean.shape));
}

function divergence({ mean, logVariance }: Posterior): Tensor {
  return mean.square().add(logVariance.exp()).sub(logVariance).sub(1).mul(0.5).sum({ axis: 1 });
}
