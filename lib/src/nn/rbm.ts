import { stopGradient } from "../gradient/custom.ts";
import type { Key } from "../random/key.ts";
import { tensorOf, zeros } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { sparsityPenalty } from "./code-penalties.ts";
import { nextKey } from "./context.ts";
import { type Initialiser, zerosInit } from "./initialisers.ts";
import { Linear } from "./linear.ts";
import { buffer, checkCount, Module, parameter } from "./module.ts";
import { type UnitKind, type Units, unitsOf } from "./rbm-units.ts";
import type { Layer } from "./sequential.ts";
import type { Unrollable } from "./unroll.ts";

export interface RBMOptions {
  /** What the visible units are; `bernoulli` if not said. Real data (`gaussian`) have mean 0 and variance 1. */
  readonly visibleUnits?: UnitKind;
  /** What the hidden units are; `bernoulli` if not said. */
  readonly hiddenUnits?: UnitKind;
  /** So many chains that go on from one update to the next, for persistent contrastive divergence; none if not said. */
  readonly chains?: number;
  /** Draws the weights; normal with standard deviation 0.01 if not said (Hinton 2010, section 8). */
  readonly initialiser?: Initialiser;
}

export interface DivergenceOptions {
  /** Steps of Gibbs sampling before the model's side is measured; 1 if not said. */
  readonly steps?: number;
  /** Adds this / 2 times the sum of squared weights; biases do not decay. */
  readonly weightDecay?: number;
  /** Draws the mean activity of each hidden unit towards a target, with that weight (Hinton 2010, section 11). */
  readonly sparsity?: { readonly target: number; readonly weight: number };
  /** Of the samples; that of the training step under way if not said. */
  readonly key?: Key;
}

/** More units than this on both sides are too many to go through all their states. */
const countable = 20;

/**
 * A restricted Boltzmann machine (Smolensky 1986; Hinton 2002): the energy of visible and hidden units is
 * `E(v, h) = −v·visibleBias − h·hiddenBias − h·weight·v`, plus `v²/2` for real units, with `weight [hidden, visible]`.
 * `forward` gives the means of the hidden units, so that machines stack; train it by `contrastiveDivergence`.
 *
 * Throws an `ArgumentError` for sizes that are no positive integers or real units on both sides, which have no
 * distribution; methods throw a `ShapeError` for anything but `[n, visible]` or `[n, hidden]`.
 *
 * @example
 * ```ts
 * import { nn, optim, random, train } from "gradbook";
 *
 * const rbm = nn.init(new nn.RBM(6, 3), { seed: 1 });
 * const v = random.seed(1).bernoulli([20, 6], 0.5).cast("float32");
 * const optimizer = optim.sgd({ rate: 0.1, momentum: 0.5 });
 * for await (const _ of train(rbm, [v], { loss: (m, v) => m.contrastiveDivergence(v), optimizer, epochs: 5 })) void _;
 * rbm.forward(v).shape; // [20, 3]
 * ```
 */
export class RBM extends Module implements Unrollable {
  readonly weight: Tensor<"float32">;
  readonly visibleBias: Tensor<"float32">;
  readonly hiddenBias: Tensor<"float32">;
  /** The visible states of the persistent chains, `[chains, visible]`; `null` without. */
  readonly particles: Tensor<"float32"> | null;
  readonly visibleUnits: UnitKind;
  readonly hiddenUnits: UnitKind;

  constructor(visible: number, hidden: number, options: RBMOptions = {}) {
    super();
    const { visibleUnits = "bernoulli", hiddenUnits = "bernoulli", chains = 0 } = options;
    checkCount("RBM", "visible", visible);
    checkCount("RBM", "hidden", hidden);
    for (const [name, kind] of Object.entries({ visibleUnits, hiddenUnits }))
      if (!(kind in unitsOf)) throw new ArgumentError("RBM", `${name} is ${kind}, expected bernoulli or gaussian.`);
    if (visibleUnits === "gaussian" && hiddenUnits === "gaussian")
      throw new ArgumentError(
        "RBM",
        "both sides are gaussian, expected one to be bernoulli: else energies have no least.",
      );
    if (chains !== 0) checkCount("RBM", "chains", chains);
    this.visibleUnits = visibleUnits;
    this.hiddenUnits = hiddenUnits;
    this.weight = parameter(
      [hidden, visible],
      options.initialiser ?? ((shape, key) => key.normal(shape, { std: 0.01 })),
    );
    this.visibleBias = parameter([visible], zerosInit);
    this.hiddenBias = parameter([hidden], zerosInit);
    this.particles = chains === 0 ? null : buffer(zeros([chains, visible]));
  }

  /** The means of the hidden units given visible ones, `[n, visible] → [n, hidden]`. */
  forward(v: Tensor): Tensor<"float32"> {
    return this.#hidden.mean(this.#intoHidden(v)) as Tensor<"float32">;
  }

  /** The means of the visible units given hidden ones, `[n, hidden] → [n, visible]`. */
  visibleGiven(h: Tensor): Tensor<"float32"> {
    return this.#visible.mean(this.#intoVisible(h)) as Tensor<"float32">;
  }

  /** Hidden states drawn given visible ones. */
  sampleHidden(v: Tensor, key: Key): Tensor<"float32"> {
    return this.#hidden.sample(this.#intoHidden(v), key) as Tensor<"float32">;
  }

  /** Visible states drawn given hidden ones. */
  sampleVisible(h: Tensor, key: Key): Tensor<"float32"> {
    return this.#visible.sample(this.#intoVisible(h), key) as Tensor<"float32">;
  }

  /** Visible means given the hidden means of `v`. */
  reconstruct(v: Tensor): Tensor<"float32"> {
    return this.visibleGiven(this.forward(v));
  }

  /** `E(v, h)` of each row, `[n]`. */
  energy(v: Tensor, h: Tensor): Tensor {
    const own = this.#visible
      .own(v)
      .sum({ axis: -1 })
      .add(this.#hidden.own(h).sum({ axis: -1 }));
    const biases = v.mul(this.visibleBias).sum({ axis: -1 });
    return own.sub(biases).sub(this.#intoHidden(v).mul(h).sum({ axis: -1 }));
  }

  /** `F(v) = −ln ∫ exp(−E(v, h)) dh` of each row, `[n]`: minus the logarithm of what is proportional to p(v). */
  freeEnergy(v: Tensor): Tensor {
    const own = this.#visible.own(v).sub(v.mul(this.visibleBias)).sum({ axis: -1 });
    return own.sub(this.#hidden.logPartition(this.#intoHidden(v)).sum({ axis: -1 }));
  }

  /**
   * A number whose gradient is that of contrastive divergence (Hinton 2002): the mean free energy of the data less that
   * of where a chain gets from them in some steps, or, with `chains`, of where the persistent chains are now (Tieleman
   * 2008). The number itself says little; watch the error of `reconstruct`, or the likelihood.
   */
  contrastiveDivergence(v: Tensor, options: DivergenceOptions = {}): Tensor {
    const { steps = 1, weightDecay = 0, sparsity, key = nextKey(this.where) } = options;
    checkCount("contrastiveDivergence", "steps", steps);
    let state = this.particles ?? v;
    let mean = state;
    for (let step = 0; step < steps; step++) {
      const h = this.sampleHidden(state, key.child(step).child("hidden"));
      const input = this.#intoVisible(h);
      mean = this.#visible.mean(input);
      state = this.#visible.sample(input, key.child(step).child("visible"));
    }
    if (this.particles !== null) {
      const after = stopGradient(state);
      this.remember("particles", () => after);
    }
    // The mean in place of the last sample is less noisy (Hinton 2010, section 3.2); chains that go on have to be samples.
    const model = stopGradient(this.particles === null ? mean : state);
    let loss = this.freeEnergy(v).mean().sub(this.freeEnergy(model).mean());
    if (weightDecay !== 0)
      loss = loss.add(
        this.weight
          .square()
          .sum()
          .mul(weightDecay / 2),
      );
    if (sparsity !== undefined) loss = loss.add(sparsityPenalty(this.forward(v), sparsity.target).mul(sparsity.weight));
    return loss;
  }

  /**
   * ln Z, exactly, by going through all states of the smaller side; differentiable. Throws an `ArgumentError` where
   * neither side is binary with at most 20 units: `annealedImportanceSampling` estimates it there.
   */
  logPartition(): Tensor {
    const [hidden, visible] = this.weight.shape as [number, number];
    const sides = [
      { side: "hidden", binary: this.hiddenUnits === "bernoulli", size: hidden },
      { side: "visible", binary: this.visibleUnits === "bernoulli", size: visible },
    ].filter(({ binary, size }) => binary && size <= countable);
    const [smaller] = sides.sort((a, b) => a.size - b.size);
    if (smaller === undefined)
      throw new ArgumentError(
        this.where,
        `it has ${visible} visible and ${hidden} hidden units, expected at most ${countable} binary ones on one side. Estimate it: nn.annealedImportanceSampling(rbm, …).`,
      );
    const all = allStates(smaller.size, this.weight);
    if (smaller.side === "visible") return this.freeEnergy(all).neg().logSumExp();
    const visibleFree = this.#visible.logPartition(this.#intoVisible(all)).sum({ axis: -1 });
    return visibleFree.add(all.mul(this.hiddenBias).sum({ axis: -1 })).logSumExp();
  }

  /** The weights into each hidden unit in the shape of an example, `[hidden, ...shape]`. */
  receptiveFields(shape: readonly number[]): Tensor<"float32"> {
    return this.weight.reshape([this.weight.shape[0]!, ...shape]) as Tensor<"float32">;
  }

  /** What `unrollEncoder` lays down for it: a linear layer and the hidden units' mean. */
  encoderLayers(): readonly Layer[] {
    return this.#layers(this.weight, this.hiddenBias, this.hiddenUnits);
  }

  /** What `unrollAutoencoder` lays down for it: the transposed weights and the visible units' mean. */
  decoderLayers(): readonly Layer[] {
    return this.#layers(this.weight.transpose() as Tensor<"float32">, this.visibleBias, this.visibleUnits);
  }

  override describe(): string {
    return `RBM(${this.weight.shape[1]} → ${this.weight.shape[0]})`;
  }

  get #visible(): Units {
    return unitsOf[this.visibleUnits];
  }

  get #hidden(): Units {
    return unitsOf[this.hiddenUnits];
  }

  #intoHidden(v: Tensor): Tensor {
    this.#requireRows("visible", v, this.weight.shape[1]!);
    return v.matmul(this.weight.transpose()).add(this.hiddenBias);
  }

  #intoVisible(h: Tensor): Tensor {
    this.#requireRows("hidden", h, this.weight.shape[0]!);
    return h.matmul(this.weight).add(this.visibleBias);
  }

  #requireRows(side: string, x: Tensor, width: number): void {
    if (x.rank !== 2 || x.shape[1] !== width)
      throw new ShapeError(this.where, `the ${side} states are ${showShape(x.shape)}, expected [n, ${width}].`, [
        x.shape,
      ]);
  }

  #layers(weight: Tensor<"float32">, bias: Tensor<"float32">, units: UnitKind): readonly Layer[] {
    const [outputs, inputs] = weight.shape as [number, number];
    const linear = new Linear(inputs, outputs, { initialiser: () => weight, biasInitialiser: () => bias });
    return units === "gaussian" ? [linear] : [linear, (x) => x.sigmoid()];
  }
}

/** All states of so many binary units, `[2ⁿ, n]`. */
function allStates(n: number, like: Tensor): Tensor<"float32"> {
  const values = Float32Array.from({ length: n * 2 ** n }, (_, i) => (Math.floor(i / n) >> (i % n)) & 1);
  return tensorOf(values, "float32", [2 ** n, n], like.device);
}
