export { accuracy, expectedRanks, meanReciprocalRank, topKAccuracy } from "./accuracy.ts";
export { type Average, Confusion, f1, precision, recall } from "./confusion.ts";
export {
  Calibration,
  type CalibrationBin,
  expectedCalibrationError,
  Likelihood,
  logLoss,
  perplexity,
} from "./likelihood.ts";
export { averagePrecision, type PrecisionRecallCurve, Ranking, type RocCurve, rocAuc, rocCurve } from "./ranking.ts";
export { meanAbsoluteError, pearson, Regression, r2, rootMeanSquaredError, spearman } from "./regression.ts";
export { Bleu, type BleuOptions, bleu, characterErrorRate, ErrorRate, editDistance, wordErrorRate } from "./text.ts";
export type { Values } from "./values.ts";
