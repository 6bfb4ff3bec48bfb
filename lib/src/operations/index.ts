/** All operations: functions, and (by being loaded) methods of `Tensor`. */
import "./methods.ts";

export { addAt, at, type Index, set } from "./at.ts";
export { cast, operations } from "./define.ts";
export { einsum } from "./einsum.ts";
export { bincount, histogram, nonzero, unique } from "./frequencies.ts";
export { chunk, concat, meshgrid, split, stack, unbind } from "./joining.ts";
export { oneHot } from "./one-hot.ts";
export { rearrange } from "./patterns.ts";
export { promote } from "./promote.ts";
export * from "./table.ts";
