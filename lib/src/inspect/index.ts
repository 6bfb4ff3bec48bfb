export {
  type IntegratedGradientsOptions,
  integratedGradients,
  type OcclusionOptions,
  occlusion,
  type SmoothGradOptions,
  smoothGrad,
} from "./attribution.ts";
export { type GradCamOptions, gradCam } from "./grad-cam.ts";
export {
  deconvolution,
  gradientTimesInput,
  guidedBackpropagation,
  inputGradient,
  saliency,
} from "./saliency.ts";
export type { ClassOptions } from "./score.ts";
