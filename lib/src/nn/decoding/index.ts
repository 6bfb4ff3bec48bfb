export { type BeamOptions, beamSearch } from "./beam.ts";
export { greedySearch, type SamplingOptions, sampleSequences } from "./one-by-one.ts";
export type { Decoded, DecodingOptions, DecodingStep } from "./stepper.ts";
