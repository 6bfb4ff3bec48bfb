import type { Key } from "../random/key.ts";
import { materialise } from "../tensor/lazy.ts";
import { keep } from "../tensor/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkCount } from "./module.ts";
import type { RBM } from "./rbm.ts";

/** A moment of some chains at work. */
export interface GibbsStep {
  /** Steps made so far. */
  readonly step: number;
  /** Where the chains are, `[chains, visible]`. */
  readonly visible: Tensor<"float32">;
  /** The means that they were drawn from: smoother pictures. */
  readonly mean: Tensor<"float32">;
}

export interface GibbsOptions {
  readonly key: Key;
  /** How many chains start from noise; 1 if not said. */
  readonly chains?: number;
  /** Where they start instead, `[chains, visible]`. */
  readonly start?: Tensor;
  /** Steps between two that are given; 1 if not said. */
  readonly every?: number;
  /** Ends after so many; goes on for ever if not said. */
  readonly steps?: number;
}

/**
 * What a restricted Boltzmann machine dreams: alternating Gibbs sampling of hidden and visible units. `break` ends it.
 * Throws an `ArgumentError` for counts that are no positive integers.
 *
 * @example
 * ```ts
 * import { nn, random } from "gradbook";
 *
 * const rbm = nn.init(new nn.RBM(6, 3), { seed: 1 });
 * for (const { step, mean } of nn.gibbs(rbm, { key: random.seed(1), chains: 2, every: 10, steps: 30 }))
 *   console.log(step, mean.shape); // 10 [2, 6], 20 [2, 6], 30 [2, 6]
 * ```
 */
export function* gibbs(rbm: RBM, options: GibbsOptions): Generator<GibbsStep, void, void> {
  const { key, chains = 1, every = 1, steps = Number.POSITIVE_INFINITY } = options;
  checkCount("gibbs", "chains", chains);
  checkCount("gibbs", "every", every);
  if (steps !== Number.POSITIVE_INFINITY) checkCount("gibbs", "steps", steps);
  const width = rbm.weight.shape[1]!;
  let visible: Tensor = options.start ?? key.child("start").uniform([chains, width]).less(0.5).cast("float32");
  for (let step = 1; step <= steps; step++) {
    const draws = key.child(step);
    const hidden = rbm.sampleHidden(visible, draws.child("hidden"));
    visible = rbm.sampleVisible(hidden, draws.child("visible"));
    // Evaluated now: what is pending would keep every earlier step alive. Kept, since the next step may not be in the same scope.
    materialise(visible);
    keep(visible);
    if (step % every === 0 || step === steps)
      yield { step, visible: visible as Tensor<"float32">, mean: rbm.visibleGiven(hidden) };
  }
}
