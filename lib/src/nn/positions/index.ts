export { LearnedPositions } from "./learned.ts";
export { RelativeBias, type RelativeBiasOptions } from "./relative.ts";
export { type RotaryOptions, rotaryPositions } from "./rotary.ts";
