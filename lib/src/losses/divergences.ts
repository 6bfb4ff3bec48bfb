import type { Fractional } from "../gradient/tree.ts";
import { weighted, xLogY } from "../operations/weighted.ts";
import { ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Loss, type LossOptions, reduced, requireAlike, requireFloats, requireNumber } from "./reduced.ts";

/**
 * The Kullback–Leibler divergence Σ p (ln p − ln q) of a predicted distribution q from the target p: the prediction is
 * ln q, `[..., classes]`, the target p, or with `logTarget` ln p. Summed over the classes, the mean over the rest:
 * PyTorch's `batchmean`, not its `mean`.
 */
export function klDivergence<X extends Tensor>(
  logProbabilities: Fractional<X>,
  target: Tensor,
  { logTarget = false, ...options }: LossOptions & { readonly logTarget?: boolean } = {},
): Loss<X> {
  const q = logProbabilities as Tensor;
  requireFloats("klDivergence", "logProbabilities", q);
  requireFloats("klDivergence", "the target", target);
  requireAlike("klDivergence", q, target, ["the prediction", "the target"]);
  if (q.rank === 0) throw new ShapeError("klDivergence", "the prediction is a number, expected [..., classes].", [[]]);
  const each = logTarget ? weighted(target.exp(), target.sub(q)) : xLogY(target, target).sub(weighted(target, q));
  return reduced("klDivergence", each.sum({ axis: -1 }), options);
}

/** What an encoder says of a latent variable: a normal distribution for each coordinate, `[..., latent]`. */
export interface EvidenceOptions extends LossOptions {
  readonly mean: Tensor;
  readonly logVariance: Tensor;
  /** How much the divergence weighs (Higgins et al., ICLR 2017); 1 if not said. */
  readonly beta?: number;
}

/**
 * The negative bound on the evidence that variational autoencoders minimise (Kingma and Welling, ICLR 2014): what
 * `reconstruction` says, −ln p(x | z) of each example, `[...]`, plus `beta` times the divergence of the encoder's normal
 * distribution from the standard one, ½ Σ (mean² + variance − 1 − ln variance); the mean over the examples.
 */
export function evidenceBound<X extends Tensor>(
  reconstruction: Fractional<X>,
  { mean, logVariance, beta = 1, ...options }: EvidenceOptions,
): Loss<X> {
  const x = reconstruction as Tensor;
  requireFloats("evidenceBound", "the reconstruction", x);
  requireAlike("evidenceBound", mean, logVariance, ["the mean", "logVariance"]);
  requireNumber("evidenceBound", "beta", beta, { least: 0 });
  if (showShape(mean.shape.slice(0, -1)) !== showShape(x.shape) || mean.rank === 0) {
    const text = `the reconstruction is ${showShape(x.shape)} and the mean ${showShape(mean.shape)}, expected one number for each example. Sum it over the pixels: loss.sum({ axis: -1 }).`;
    throw new ShapeError("evidenceBound", text, [x.shape, mean.shape]);
  }
  // eᵛ − 1 − v loses nothing near 0 by expm1.
  const each = mean.square().add(logVariance.expm1().sub(logVariance)).sum({ axis: -1 }).mul(0.5);
  return reduced("evidenceBound", x.add(each.mul(beta)), options);
}
