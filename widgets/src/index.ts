export type { AttentionExample, AttentionTokens, AttentionWeights } from "./attention/read-example.ts";
export type { NestedWeights } from "./attention/read-weights.ts";
export {
  type AttentionChoice,
  type AttentionMap,
  type AttentionMapOptions,
  attentionMap,
} from "./attention-map.ts";
export {
  type ConfusionMatrix,
  type ConfusionMatrixOptions,
  type CountSource,
  confusionMatrix,
} from "./confusion-matrix.ts";
export type { NumericFields, Observation, TensorLike, TensorSource } from "./data.ts";
export { type Displayable, displaySymbol, type MimeBundle, type View } from "./display.ts";
export type { MapMoment } from "./embedding/map-run.ts";
export type { EmbeddingExplorerOptions, FoundComponents, TsneCall } from "./embedding/options.ts";
export { type EmbeddingExplorer, embeddingExplorer, type RunOptions } from "./embedding-explorer.ts";
export { featureMaps } from "./feature-maps.ts";
export { filters } from "./filters.ts";
export {
  type HistogramOptions,
  type HistogramSource,
  type Histograms,
  type HistogramValues,
  histograms,
  type NamedValues,
  type Place,
} from "./histograms.ts";
export { type ImageGridOptions, imageGrid } from "./image-grid.ts";
export { type LayerExplorer, layerExplorer } from "./layer-explorer.ts";
export type { ExplorerOptions, ExplorerParts, LayerInputs, LayerParts, OfInput } from "./layers/parts.ts";
export { type CurveRun, type LossCurve, type LossCurveOptions, lossCurve } from "./loss-curve.ts";
export type { ColourMap } from "./picture/colours.ts";
export type { Normalise } from "./picture/tiles.ts";
export { type Progress, type ProgressOptions, progress, type WithProgress } from "./progress.ts";
export { type FoundRates, type RateCurveOptions, rateCurve } from "./rate-curve.ts";
export { type RunEntry, type RunTable, type RunTableOptions, runTable } from "./run-table.ts";
export type { RunParts, RunRow } from "./runs/read-run.ts";
export type { Better } from "./runs/state.ts";
export { type SweepPlot, type SweepPlotOptions, sweepPlot } from "./sweep-plot.ts";
export { type Table, type TableOptions, type TableRows, table } from "./table.ts";
export type { TileOptions, TileWidget } from "./tile-widget.ts";
