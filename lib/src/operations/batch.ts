import type { Tensor } from "../tensor/tensor.ts";

/** Examples along the first axis, each with axes of size 1 in front until it has so many: what broadcasting would do. */
export function withRank(x: Tensor, rank: number): Tensor {
  const missing = rank - (x.rank - 1);
  return missing <= 0 ? x : x.reshape([x.shape[0]!, ...Array<number>(missing).fill(1), ...x.shape.slice(1)]);
}

/** The examples' own first axis and theirs as one. */
export function mergeFirst(x: Tensor): Tensor {
  return x.reshape([x.shape[0]! * x.shape[1]!, ...x.shape.slice(2)]);
}
