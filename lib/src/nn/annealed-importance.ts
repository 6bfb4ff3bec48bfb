import { widened, widestOn } from "../operations/widened.ts";
import type { Key } from "../random/key.ts";
import { tensor, zeros } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import { Breather, signalOf } from "../tensor/stop.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkCount } from "./module.ts";
import type { RBM } from "./rbm.ts";
import { unitsOf } from "./rbm-units.ts";

export interface AnnealingOptions {
  readonly key: Key;
  /** Independent runs, of which the mean is taken; 100 if not said. */
  readonly chains?: number;
  /** Inverse temperatures from 0 to 1, or how many evenly spaced ones; 1,000 if not said. */
  readonly temperatures?: number | readonly number[];
  /** Visible biases of the machine without weights to begin from, `[visible]`; zeros if not said. */
  readonly base?: Tensor;
  /** Stops it; in a notebook the kernel's own signal does so without being named. */
  readonly signal?: AbortSignal;
}

/** An estimate of ln Z. */
export interface LogPartition {
  readonly logZ: number;
  /** Three standard deviations of the mean of the importance weights below and above; −∞ where it may be 0. */
  readonly range: readonly [low: number, high: number];
}

/**
 * Estimates the logarithm of a machine's partition function by annealed importance sampling (Neal 2001; Salakhutdinov and
 * Murray, ICML 2008, section 4.1): chains go from a machine without weights to this one through small changes, and what
 * each change does to the probability of where they are, multiplied up, has Z over that of the simple machine as its mean.
 *
 * Throws an `ArgumentError` for temperatures that do not climb from 0 to 1, a `ShapeError` for a base of another width.
 *
 * @example
 * ```ts
 * import { nn, random } from "gradbook";
 *
 * const rbm = nn.init(new nn.RBM(6, 3), { seed: 1 });
 * const { logZ } = await nn.annealedImportanceSampling(rbm, { key: random.seed(1) });
 * Math.abs(logZ - (await rbm.logPartition().item())) < 0.1; // true
 * ```
 */
export async function annealedImportanceSampling(rbm: RBM, options: AnnealingOptions): Promise<LogPartition> {
  const { key, chains = 100, temperatures = 1000, base = zeros([rbm.weight.shape[1]!]) } = options;
  checkCount("annealedImportanceSampling", "chains", chains);
  const betas = climbing(temperatures);
  const [hiddenSize, visibleSize] = rbm.weight.shape as [number, number];
  if (base.rank !== 1 || base.shape[0] !== visibleSize)
    throw new ShapeError(
      "annealedImportanceSampling",
      `the base biases are ${showShape(base.shape)}, expected [${visibleSize}].`,
      [base.shape],
    );
  const [visibleUnits, hiddenUnits] = [unitsOf[rbm.visibleUnits], unitsOf[rbm.hiddenUnits]];
  /** The biases in between, and what flows into the hidden units at a temperature. */
  const biasAt = (beta: number) => base.mul(1 - beta).add(rbm.visibleBias.mul(beta));
  const intoHidden = (v: Tensor) => v.matmul(rbm.weight.transpose()).add(rbm.hiddenBias);
  /** ln of what is proportional to the probability of `v` at a temperature, in float64, for its differences are small. */
  const logWeight = (v: Tensor, input: Tensor, beta: number) => {
    const visible = v.mul(biasAt(beta)).sub(visibleUnits.own(v));
    const hidden = hiddenUnits.logPartition(widened(input.mul(beta)));
    return widened(visible)
      .sum({ axis: -1 })
      .add(hidden.sum({ axis: -1 }));
  };

  const breather = new Breather();
  const start = base.broadcastTo([chains, visibleSize]);
  let v = visibleUnits.sample(start, key.child("start"));
  const logWeights = new Float64Array(chains);
  for (let k = 1; k < betas.length; k++) {
    signalOf(options.signal)?.throwIfAborted();
    const input = intoHidden(v);
    const change = await logWeight(v, input, betas[k]!)
      .sub(logWeight(v, input, betas[k - 1]!))
      .data();
    for (let i = 0; i < chains; i++) logWeights[i]! += change[i]!;
    const draws = key.child(k);
    const h = hiddenUnits.sample(input.mul(betas[k]!), draws.child("hidden"));
    const intoVisible = h.matmul(rbm.weight).mul(betas[k]!).add(biasAt(betas[k]!));
    v = visibleUnits.sample(intoVisible, draws.child("visible"));
    await breather.breathe();
  }
  const ofBase = await widened(visibleUnits.logPartition(base)).sum().item();
  const ofHidden = await hiddenUnits
    .logPartition(tensor([0], { dtype: widestOn(base.device), device: base.device }))
    .item();
  return estimate(logWeights, ofBase + hiddenSize * ofHidden);
}

/** The mean of the weights, and how far it may be off, in logarithms. */
function estimate(logWeights: Float64Array, logBase: number): LogPartition {
  const n = logWeights.length;
  const top = Math.max(...logWeights);
  const weights = logWeights.map((value) => Math.exp(value - top));
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / n;
  const spread = Math.sqrt(weights.reduce((sum, weight) => sum + (weight - mean) ** 2, 0) / Math.max(1, n - 1) / n);
  const log = (value: number) => logBase + top + Math.log(Math.max(0, value));
  return { logZ: log(mean), range: [log(mean - 3 * spread), log(mean + 3 * spread)] };
}

function climbing(temperatures: number | readonly number[]): readonly number[] {
  const who = "annealedImportanceSampling";
  if (typeof temperatures === "number") {
    checkCount(who, "temperatures", temperatures);
    return Array.from({ length: temperatures + 1 }, (_, i) => i / temperatures);
  }
  const rising = temperatures.every((beta, i) => i === 0 || beta > temperatures[i - 1]!);
  if (temperatures[0] !== 0 || temperatures.at(-1) !== 1 || !rising)
    throw new ArgumentError(
      who,
      `the temperatures go from ${temperatures[0] ?? "none"} to ${temperatures.at(-1) ?? "none"}, expected them to climb from 0 to 1.`,
    );
  return temperatures;
}
