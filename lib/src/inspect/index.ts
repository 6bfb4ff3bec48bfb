export { type AttackOptions, type AttackStep, fgsm, type PgdOptions, pgd } from "./adversarial.ts";
export {
  type IntegratedGradientsOptions,
  integratedGradients,
  type OcclusionOptions,
  occlusion,
  type SmoothGradOptions,
  smoothGrad,
} from "./attribution.ts";
export { type GradCamOptions, gradCam } from "./grad-cam.ts";
export type { ImproveOptions } from "./improve.ts";
export {
  type InvertOptions,
  type InvertStep,
  invert,
  type MaximiseOptions,
  type MaximiseStep,
  maximise,
} from "./maximise.ts";
export {
  deconvolution,
  gradientTimesInput,
  guidedBackpropagation,
  inputGradient,
  saliency,
} from "./saliency.ts";
export type { ClassOptions } from "./score.ts";
