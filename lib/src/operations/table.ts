/** The operations that are methods of `Tensor` as well as functions. */
export * from "./activation.ts";
export * from "./arithmetic.ts";
export * from "./comparison.ts";
export { matmul } from "./contraction.ts";
export { conv1d, conv2d, convolve, convTranspose2d } from "./convolution.ts";
export * from "./exponential.ts";
export { pick, scatterAdd, slice, take } from "./indexing.ts";
export { pad } from "./padding.ts";
export { avgPool2d, maxPool2d, windows } from "./pooling.ts";
export { broadcastTo, expandDims, flatten, flip, reshape, squeeze, transpose } from "./rearrange.ts";
export { argmax, argmin, max, mean, min, prod, std, sum, sumTo, variance } from "./reduction.ts";
export * from "./rounding.ts";
export { where } from "./selection.ts";
export * from "./trigonometric.ts";
