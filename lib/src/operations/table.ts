/**
 * The operations that are methods of `Tensor` as well as functions. Whole files, since names that are picked out of a file
 * would lose their documentation on the way to the method.
 */
export * from "./activation.ts";
export * from "./adaptive-pooling.ts";
export * from "./along.ts";
export * from "./arithmetic.ts";
export * from "./comparison.ts";
export * from "./contraction.ts";
export * from "./convolution.ts";
export * from "./counting.ts";
export * from "./distances.ts";
export * from "./exponential.ts";
export * from "./fourier.ts";
export * from "./indexing.ts";
export * from "./linear-algebra.ts";
export * from "./norm.ts";
export * from "./order.ts";
export * from "./padding.ts";
export * from "./pooling.ts";
export * from "./pooling-volumes.ts";
export * from "./rearrange.ts";
export * from "./reduction.ts";
export * from "./resampling.ts";
export * from "./rounding.ts";
export * from "./scan.ts";
export * from "./selection.ts";
export * from "./sliding.ts";
export * from "./special.ts";
export * from "./spectrogram.ts";
export * from "./standardise.ts";
export * from "./tiling.ts";
export * from "./transposed-convolution.ts";
export * from "./triangles.ts";
export * from "./trigonometric.ts";
