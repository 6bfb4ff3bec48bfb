export { HandwritingHead, type PenMixture } from "./handwriting.ts";
export { type Mixture, MixtureDensity } from "./mixture-density.ts";
export { type Distance, Siamese, type SiameseOptions, Triplet, unitRows } from "./siamese.ts";
