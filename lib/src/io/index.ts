export {
  type Checkpoint,
  type CheckpointLoaded,
  type CheckpointParts,
  type CheckpointSaved,
  Checkpoints,
  type CheckpointsOptions,
} from "./checkpoints.ts";
export { build, type DescribeOptions, describe, type Known, type ModelDescription } from "./description.ts";
export { fromNpy, loadNpy, saveNpy, toNpy } from "./npy.ts";
export { fromNpz, loadNpz, type NpzOptions, saveNpz, toNpz } from "./npz.ts";
export type { NumberFormat, ShortFloat } from "./number-formats.ts";
export { type Exportable, type OnnxOptions, saveOnnx, toOnnx } from "./onnx/export.ts";
export { fromOnnx, loadOnnx } from "./onnx/import.ts";
export type { OnnxModel } from "./onnx/onnx-model.ts";
export { fromSafetensors, type SafetensorsOptions, safetensorsHeader, toSafetensors } from "./safetensors.ts";
export type { SafetensorsHeader, StoredTensor } from "./safetensors-header.ts";
export { load, loadModel, loadTensors, type SaveOptions, save, saveTensors } from "./saved-models.ts";
export type { Stateful } from "./stateful.ts";
