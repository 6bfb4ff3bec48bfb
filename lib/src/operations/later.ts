import type { Tensor } from "../tensor/tensor.ts";

/** The element `distance` places further along the axis (back, if negative); `fill` beyond the end. */
export function later(x: Tensor, distance: number, axis: number, fill: number): Tensor {
  const n = x.shape[axis]!;
  const shift = Math.min(n, Math.abs(distance));
  const none = x.shape.map(() => 0);
  return distance > 0
    ? x.slice({ axis, start: shift, stop: n }).pad({ before: none, after: none.with(axis, shift), value: fill })
    : x.slice({ axis, start: 0, stop: n - shift }).pad({ before: none.with(axis, shift), after: none, value: fill });
}
