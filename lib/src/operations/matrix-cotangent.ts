import type { Tensor } from "../tensor/tensor.ts";

/**
 * @internal `leftᵀ · right`, what comes back to a matrix, which lies in memory as the matrix does: a weight that was
 * multiplied transposed has its gradient in the order of its own elements then, and nobody turns it at every step.
 */
export function productFor({ state }: Tensor, left: Tensor, right: Tensor): Tensor {
  const isTurned = state.kind === "stored" && state.view.strides[0]! < state.view.strides[1]!;
  return isTurned ? right.transpose().matmul(left).transpose() : left.transpose().matmul(right);
}
