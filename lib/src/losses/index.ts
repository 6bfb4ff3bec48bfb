export {
  type BinaryOptions,
  binaryCrossEntropy,
  type ClassOptions,
  crossEntropy,
  dice,
  focal,
  negativeLogLikelihood,
} from "./classification.ts";
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
