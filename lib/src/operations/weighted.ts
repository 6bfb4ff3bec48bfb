import type { Tensor } from "../tensor/tensor.ts";

/** @internal weight · x, where no weight takes no share, be `x` infinite: 0 ln 0 = 0. Shapes broadcast. */
export function weighted(weight: Tensor, x: Tensor): Tensor {
  const endless = x.abs().equal(Number.POSITIVE_INFINITY);
  return weight.mul(weight.equal(0).and(endless).where(0, x));
}

/** @internal x ln y, which is 0 where x is, whatever y. */
export function xLogY(x: Tensor, y: Tensor): Tensor {
  return x.mul(x.equal(0).and(y.equal(0)).where(1, y).log());
}
