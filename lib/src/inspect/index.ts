export { type Agreement, type AgreementOptions, type AgreementRow, agreement } from "./agreement.ts";

import "./model-table.ts";

export { type AttackOptions, type AttackStep, fgsm, type PgdOptions, pgd } from "./adversarial.ts";
export { attentionMaps, attentionRollout, type RolloutOptions } from "./attention-maps.ts";
export {
  type IntegratedGradientsOptions,
  integratedGradients,
  type OcclusionOptions,
  occlusion,
  type SmoothGradOptions,
  smoothGrad,
} from "./attribution.ts";
export { pearson, spearman } from "./correlation.ts";
export { type GradCamOptions, gradCam } from "./grad-cam.ts";
export { Graph, type GraphEdge, type GraphNode, graph } from "./graph.ts";
export { featureMaps, filters, type Grid } from "./grids.ts";
export {
  activationHistograms,
  type Histogram,
  type HistogramOptions,
  histogram,
  weightHistograms,
} from "./histogram.ts";
export type { ImproveOptions } from "./improve.ts";
export {
  filterDirection,
  type LossLine,
  type LossLineOptions,
  type LossOf,
  type LossPlane,
  type LossPlaneOptions,
  lossLine,
  lossPlane,
  type Snapshot,
  snapshot,
} from "./loss-surface.ts";
export {
  type InvertOptions,
  type InvertStep,
  invert,
  type MaximiseOptions,
  type MaximiseStep,
  maximise,
} from "./maximise.ts";
export { type MemoryReport, type MemoryRow, type MemoryWatch, memory } from "./memory.ts";
export { type Examination, type ExamineOptions, examine, type Judgement } from "./mistakes.ts";
export { type Distance, type NearestOptions, type Neighbour, nearest } from "./neighbours.ts";
export { type Labelled, type LayerProbe, type Probe, type ProbeOptions, probe, probeLayers } from "./probe.ts";
export { type LayerCost, type OperationCost, type Profile, type ProfileOptions, profile } from "./profile.ts";
export { deepRegions, type LinearRegion, linearRegions, mostRegions, type RegionOptions } from "./regions.ts";
export {
  deconvolution,
  gradientTimesInput,
  guidedBackpropagation,
  inputGradient,
  saliency,
} from "./saliency.ts";
export type { ClassOptions } from "./score.ts";
export { type CkaOptions, cka, type Dissimilarity, dissimilarities, type RsaOptions, rsa } from "./similarity.ts";
export { gateTraces } from "./traces.ts";
export { type UnitActivity, unitActivity } from "./unit-activity.ts";
export type { Model, Run } from "./watch.ts";
export { type Analogy, type AnalogyOptions, type WordScore, WordVectors } from "./word-vectors.ts";
