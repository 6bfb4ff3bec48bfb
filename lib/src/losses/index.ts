export { discriminator, generator } from "./adversarial.ts";
export {
  type BinaryOptions,
  binaryCrossEntropy,
  type ClassOptions,
  crossEntropy,
  dice,
  focal,
  negativeLogLikelihood,
} from "./classification.ts";
export { type CtcOptions, ctc } from "./ctc.ts";
export { type EvidenceOptions, evidenceBound, klDivergence } from "./divergences.ts";
export { hinge, type MarginOptions, multiMargin, squaredHinge } from "./margins.ts";
export {
  contrastive,
  cosineEmbedding,
  type InfoNceOptions,
  infoNce,
  type TripletOptions,
  triplet,
} from "./pairs.ts";
export type { Loss, LossOptions } from "./reduced.ts";
export {
  absoluteError,
  gaussianNegativeLogLikelihood,
  huber,
  type LikelihoodOptions,
  poissonNegativeLogLikelihood,
  smoothAbsoluteError,
  squaredError,
} from "./regression.ts";
export { type NoiseOptions, negativeSampling, noiseContrastive } from "./sampled.ts";
export { qLearningTargets, type RewardOptions, temporalDifference } from "./temporal-difference.ts";
