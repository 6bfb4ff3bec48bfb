export { NGram, type NGramOptions, type Smoothing } from "./ngram.ts";
