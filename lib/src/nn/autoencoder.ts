import { vjp } from "../gradient/grad.ts";
import { sigmoid } from "../operations/activation.ts";
import { onesLike } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { kSparse, sparsityPenalty } from "./code-penalties.ts";
import { glorotUniform, type Initialiser, zerosInit } from "./initialisers.ts";
import { Linear } from "./linear.ts";
import { checkCount, Module, parameter } from "./module.ts";
import type { UnitKind } from "./rbm-units.ts";
import { type Layer, run } from "./sequential.ts";
import type { Unrollable } from "./unroll.ts";

export interface AutoencoderOptions {
  /** Whether the decoder's weights are the encoder's, transposed; true if not said. */
  readonly tied?: boolean;
  /** From what flows into the features to the features; `sigmoid` if not said. Elementwise. */
  readonly activation?: (x: Tensor) => Tensor;
  /** What data are: `bernoulli` (0 … 1, cross-entropy; if not said) or `gaussian` (real, half the squared error). */
  readonly data?: UnitKind;
  /** What becomes of the data before they are encoded in training: `new nn.MaskingNoise(0.25)` makes it denoising. */
  readonly corruption?: Layer;
  /** Draws the mean activity of each feature towards a target, with that weight. */
  readonly sparsity?: { readonly target: number; readonly weight: number };
  /** Keeps so many features of each example, the largest. */
  readonly active?: number;
  /** Weight of the squared norm of the features' Jacobian: a contractive autoencoder. */
  readonly contraction?: number;
  /** Draws the weights; Glorot and Bengio's if not said. */
  readonly initialiser?: Initialiser;
}

/**
 * One layer that learns features from which the data can be made again: denoising (Vincent et al. 2008), sparse (Lee et
 * al. 2008; k-sparse, Makhzani and Frey 2014), contractive (Rifai et al. 2011), tied or not, as its options say.
 * `forward` gives the features, so that they stack; `loss` is what to minimise. `weight [hidden, inputs]`.
 *
 * Throws an `ArgumentError` for sizes that are no positive integers or options out of range.
 *
 * @example
 * ```ts
 * import { nn, optim, random, train } from "gradbook";
 *
 * const x = random.seed(1).uniform([50, 8]);
 * const model = nn.init(new nn.Autoencoder(8, 3, { corruption: new nn.MaskingNoise(0.2) }), { seed: 1 });
 * for await (const _ of train(model, [x], { loss: (m, x) => m.loss(x), optimizer: optim.adam(), epochs: 5 })) void _;
 * model.reconstruct(x).shape; // [50, 8]
 * ```
 */
export class Autoencoder extends Module implements Unrollable {
  readonly weight: Tensor<"float32">;
  readonly bias: Tensor<"float32">;
  readonly decoderBias: Tensor<"float32">;
  /** `[inputs, hidden]`; `null` where the weights are tied. */
  readonly decoderWeight: Tensor<"float32"> | null;
  readonly corruption: Layer | null;
  readonly #options: AutoencoderOptions;

  constructor(inputs: number, hidden: number, options: AutoencoderOptions = {}) {
    super();
    const { tied = true, data = "bernoulli", active, contraction = 0, sparsity } = options;
    checkCount("Autoencoder", "inputs", inputs);
    checkCount("Autoencoder", "hidden", hidden);
    if (active !== undefined) checkCount("Autoencoder", "active", active);
    if (data !== "bernoulli" && data !== "gaussian")
      throw new ArgumentError("Autoencoder", `data is ${data}, expected bernoulli or gaussian.`);
    if (!(contraction >= 0))
      throw new ArgumentError("Autoencoder", `contraction is ${contraction}, expected 0 or more.`);
    if (sparsity !== undefined && !(sparsity.target > 0 && sparsity.target < 1))
      throw new ArgumentError("Autoencoder", `the sparsity target is ${sparsity.target}, expected 0 < target < 1.`);
    const initialiser = options.initialiser ?? glorotUniform(inputs, hidden);
    this.weight = parameter([hidden, inputs], initialiser);
    this.bias = parameter([hidden], zerosInit);
    this.decoderWeight = tied ? null : parameter([inputs, hidden], initialiser);
    this.decoderBias = parameter([inputs], zerosInit);
    this.corruption = options.corruption ?? null;
    this.#options = options;
  }

  /** The features, `[n, inputs] → [n, hidden]`. */
  forward(x: Tensor): Tensor<"float32"> {
    return this.#features(this.#into(x)) as Tensor<"float32">;
  }

  /** Data from features, `[n, hidden] → [n, inputs]`: means. */
  decode(h: Tensor): Tensor<"float32"> {
    const y = this.#logits(h);
    return (this.#options.data === "gaussian" ? y : y.sigmoid()) as Tensor<"float32">;
  }

  /** Data made again from their features. */
  reconstruct(x: Tensor): Tensor<"float32"> {
    return this.decode(this.forward(x));
  }

  /** The reconstruction error of each example, summed over its elements and averaged over the batch, and the penalties. */
  loss(x: Tensor): Tensor {
    const { data, sparsity, contraction = 0 } = this.#options;
    const input = this.#into(this.corruption === null ? x : run(this.corruption, x));
    const h = this.#features(input);
    const y = this.#logits(h);
    const errors = data === "gaussian" ? y.sub(x).square().mul(0.5) : y.softplus().sub(y.mul(x));
    let loss = errors.sum({ axis: -1 }).mean();
    if (sparsity !== undefined) loss = loss.add(sparsityPenalty(h, sparsity.target).mul(sparsity.weight));
    if (contraction > 0) loss = loss.add(this.contractionOf(x).mul(contraction));
    return loss;
  }

  /** The squared norm of ∂features/∂x, mean over the batch (Rifai et al. 2011, equation 7). */
  contractionOf(x: Tensor): Tensor {
    const { value, pullBack } = vjp((input) => this.#features(input), this.#into(x) as Tensor<"float32">);
    // Each feature sees its own input alone, so one pull back gives all slopes.
    const slopes = pullBack(onesLike(value));
    return slopes.square().matmul(this.weight.square()).sum({ axis: -1 }).mean();
  }

  /** @internal */
  encoderLayers(): readonly Layer[] {
    const { weight, bias } = this;
    return [copyOf(weight, bias), (x) => this.#features(x)];
  }

  /** @internal */
  decoderLayers(): readonly Layer[] {
    const weight = this.decoderWeight ?? (this.weight.transpose() as Tensor<"float32">);
    const linear = copyOf(weight, this.decoderBias);
    return this.#options.data === "gaussian" ? [linear] : [linear, sigmoid];
  }

  override describe(): string {
    return `Autoencoder(${this.weight.shape[1]} ↔ ${this.weight.shape[0]})`;
  }

  #into(x: Tensor): Tensor {
    this.#requireRows("data", x, this.weight.shape[1]!);
    return x.matmul(this.weight.transpose()).add(this.bias);
  }

  #features(input: Tensor): Tensor {
    const { activation = sigmoid, active } = this.#options;
    const h = activation(input);
    return active === undefined ? h : kSparse(h, active);
  }

  #logits(h: Tensor): Tensor {
    this.#requireRows("features", h, this.weight.shape[0]!);
    return h.matmul(this.decoderWeight?.transpose() ?? this.weight).add(this.decoderBias);
  }

  #requireRows(what: string, x: Tensor, width: number): void {
    if (x.rank !== 2 || x.shape[1] !== width)
      throw new ShapeError(this.where, `the ${what} are ${showShape(x.shape)}, expected [n, ${width}].`, [x.shape]);
  }
}

function copyOf(weight: Tensor<"float32">, bias: Tensor<"float32">): Linear {
  const [outputs, inputs] = weight.shape as [number, number];
  return new Linear(inputs, outputs, { initialiser: () => weight, biasInitialiser: () => bias });
}
