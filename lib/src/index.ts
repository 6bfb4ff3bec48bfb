export * as data from "./data/index.ts";
export { setThreads, threads } from "./device/cpu/threads.ts";
export { type DeviceName, withDevice } from "./device/current.ts";
export type { Arrays, Device, DType, Shape } from "./device/device.ts";
export { type DeviceOptions, device } from "./device/open.ts";
export { checkGradient, checkSecond, GradientError } from "./gradient/check.ts";
export { checkpoint } from "./gradient/checkpoint.ts";
export { type CustomPullback, customPullback, stopGradient, straightThrough } from "./gradient/custom.ts";
export { grad, jvp, valueAndGrad, vjp } from "./gradient/grad.ts";
export { type Hessian, hessian, hvp, type Jacobian, jacobian } from "./gradient/hessian.ts";
export { type PullbackRule, withPullbacks } from "./gradient/override.ts";
export { type ScanStep, scan } from "./gradient/scan.ts";
export type { Gradient, Gradients, Tree } from "./gradient/tree.ts";
export * as tree from "./gradient/trees.ts";
export { type VmapOptions, vmap } from "./gradient/vmap.ts";
export * as inference from "./inference/index.ts";
export { type Captured, capture, type GradientsOf } from "./inspect/capture.ts";
export * as inspect from "./inspect/index.ts";
export { type PrincipalComponents, pca } from "./inspect/pca.ts";
export { type LayerRow, type Summary, summary } from "./inspect/summary.ts";
export { type TsneOptions, type TsneStep, tsne } from "./inspect/tsne.ts";
export * from "./io/index.ts";
export * as losses from "./losses/index.ts";
export * as metrics from "./metrics/index.ts";
export { accuracy, Confusion } from "./metrics/index.ts";
export * as nn from "./nn/index.ts";
export * from "./operations/index.ts";
export * as optim from "./optim/index.ts";
export * as random from "./random/index.ts";
export {
  arange,
  type CreateOptions,
  eye,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  tensor,
  zeros,
  zerosLike,
} from "./tensor/create.ts";
export * from "./tensor/errors.ts";
export { scope } from "./tensor/scope.ts";
export type { Nested, Tensor, TensorLike } from "./tensor/tensor.ts";
export type { Batches } from "./train/batches.ts";
export { Best, type BestOptions, type BestState } from "./train/best.ts";
export { evaluate } from "./train/evaluate.ts";
export { type FindRateOptions, findRate, type RateCurve } from "./train/find-rate.ts";
export { firstNonFinite, type NonFinite } from "./train/first-non-finite.ts";
export { type PretrainOptions, type PretrainStep, pretrain } from "./train/pretrain.ts";
export { type RunCard, runCard, version } from "./train/run-card.ts";
export { type Choice, type Range, type Space, type SweepOptions, type SweepRow, sweep } from "./train/sweep.ts";
export { type Step, type TrainOptions, train } from "./train/train.ts";
