export type { NumberFormat, ShortFloat } from "./number-formats.ts";
export { fromSafetensors, type SafetensorsOptions, safetensorsHeader, toSafetensors } from "./safetensors.ts";
export type { SafetensorsHeader, StoredTensor } from "./safetensors-header.ts";
export { load, loadTensors, type SaveOptions, save, saveTensors } from "./saved-models.ts";
