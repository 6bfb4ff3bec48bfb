export { type AdamOptions, adam, adamax, adamw, lamb, lion, type NAdamOptions, nadam, radam } from "./adam.ts";
export {
  type AdadeltaOptions,
  type AdagradOptions,
  adadelta,
  adagrad,
  type RmspropOptions,
  rmsprop,
} from "./adaptive.ts";
export { Average, type AverageState, meanAverage, movingAverage } from "./average.ts";
export { clipNorm, clipValue, gradientNorm } from "./clip.ts";
export { type Composite, type MinimiseOptions, type Minimum, minimise } from "./minimise.ts";
export {
  type Group,
  Optimizer,
  type OptimizerOptions,
  type OptimizerState,
  type Rate,
  type Rule,
  type RuleStep,
  type Schedule,
} from "./optimizer.ts";
export { type Plateau, type PlateauOptions, reduceOnPlateau } from "./plateau.ts";
export {
  type CosineOptions,
  cosine,
  exponential,
  inverseSquareRoot,
  multiStep,
  type OneCycleOptions,
  oneCycle,
  pieces,
  polynomial,
  stepDecay,
  warmUp,
} from "./schedules.ts";
export { type RpropOptions, rprop, type SgdOptions, sgd } from "./sgd.ts";
