import type { Fractional } from "../gradient/tree.ts";
import { ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Loss, type LossOptions, reduced, requireAlike, requireFloats } from "./reduced.ts";

function requireSampled(who: string, scores: Tensor, noiseScores: Tensor): void {
  requireFloats(who, "the scores", scores);
  requireFloats(who, "noiseScores", noiseScores);
  if (noiseScores.rank === scores.rank + 1 && sameShape(noiseScores.shape.slice(0, -1), scores.shape)) return;
  const expected = `[${[...scores.shape, "samples"].join(", ")}]`;
  const text = `the scores are ${showShape(scores.shape)}, noiseScores ${showShape(noiseScores.shape)}; expected ${expected}.`;
  throw new ShapeError(who, text, [scores.shape, noiseScores.shape]);
}

export interface NoiseOptions extends LossOptions {
  /** ln of the noise's probability of each true item, in the shape of the scores. */
  readonly logNoise: Tensor;
  /** ln of the noise's probability of each sampled item, in the shape of `noiseScores`. */
  readonly logNoiseOfSamples: Tensor;
}

/**
 * Noise-contrastive estimation (Gutmann and Hyvärinen, AISTATS 2010; of words Mnih and Teh, ICML 2012): tells the true
 * item from k that were sampled from known noise, −ln σ(s − ln k q) − Σ ln σ(ln k q − s), with s the unnormalised log
 * probability that the model gives and q that of the noise. `scores [...]` are those of true items, `noiseScores
 * [..., k]` those of samples; the mean over the true items. With ever more samples its gradient becomes that of maximum
 * likelihood, and scores learn to be normalised by themselves.
 */
export function noiseContrastive<X extends Tensor>(
  scores: Fractional<X>,
  noiseScores: Tensor,
  { logNoise, logNoiseOfSamples, ...options }: NoiseOptions,
): Loss<X> {
  const x = scores as Tensor;
  requireSampled("noiseContrastive", x, noiseScores);
  requireAlike("noiseContrastive", x, logNoise, ["the scores", "logNoise"]);
  requireAlike("noiseContrastive", noiseScores, logNoiseOfSamples, ["noiseScores", "logNoiseOfSamples"]);
  const k = Math.log(noiseScores.shape.at(-1)!);
  return reduced("noiseContrastive", told(x.sub(logNoise.add(k)), noiseScores.sub(logNoiseOfSamples.add(k))), options);
}

/**
 * Negative sampling (Mikolov et al., NIPS 2013): −ln σ(s) − Σ ln σ(−s′) over the samples; `scores [...]` are those of
 * true pairs of word and context, `noiseScores [..., k]` those of the word with k sampled contexts; the mean over the
 * pairs. What it learns is the score less ln k q (Levy and Goldberg 2014): vectors, not probabilities.
 */
export function negativeSampling<X extends Tensor>(
  scores: Fractional<X>,
  noiseScores: Tensor,
  options: LossOptions = {},
): Loss<X> {
  requireSampled("negativeSampling", scores as Tensor, noiseScores);
  return reduced("negativeSampling", told(scores as Tensor, noiseScores), options);
}

/** −ln of the probability that the true one is called true and every other false. */
function told(truth: Tensor, noise: Tensor): Tensor {
  return truth
    .neg()
    .softplus()
    .add(noise.softplus().sum({ axis: -1 }));
}
