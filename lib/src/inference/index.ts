export type { BestStates, ChainPosterior, ChainScores } from "./chain.ts";
export { type Composition, compose } from "./compose.ts";
export { CategoricalEmissions, type Emissions, GaussianEmissions } from "./emissions.ts";
export {
  type BaumWelchOptions,
  type BaumWelchStep,
  type DecodeOptions,
  HiddenMarkov,
  type HiddenMarkovOptions,
  viterbi,
} from "./hidden-markov.ts";
export { type Arc, type ArcOptions, type Label, Lattice, type LatticeOptions, type Path } from "./lattice.ts";
export { latticeScore } from "./lattice-score.ts";
export { NGram, type NGramOptions, type Smoothing } from "./ngram.ts";
