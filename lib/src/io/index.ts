export { fromSafetensors, load, save, toSafetensors } from "./safetensors.ts";
