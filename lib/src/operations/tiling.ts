import { tensorOf } from "../tensor/create.ts";
import { resolveAxis, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Misfit, shapes } from "./record.ts";

function refusedCount(counts: readonly number[]): Misfit | undefined {
  const odd = counts.find((n) => !Number.isInteger(n) || n < 0);
  return odd === undefined ? undefined : { because: `a count is ${odd}, expected whole numbers of 0 or more.` };
}

/** The whole tensor laid side by side, so many times along each of the last axes. */
export const tile: OperationFunction<[x: Tensor], [counts: readonly number[]], "same"> = define({
  name: "tile",
  inputs: ["x"],
  kind: "same",
  shape: ([x], counts) => {
    const rank = Math.max(x.length, counts.length);
    const sizes = [...Array<number>(rank - x.length).fill(1), ...x];
    return refusedCount(counts) ?? sizes.map((n, i) => n * (counts[i - rank + counts.length] ?? 1));
  },
  compose: ([x], counts) => {
    const rank = Math.max(x.rank, counts.length);
    const sizes = [...Array<number>(rank - x.rank).fill(1), ...x.shape];
    const times = sizes.map((_, i) => counts[i - rank + counts.length] ?? 1);
    return x
      .reshape(sizes.flatMap((n) => [1, n]))
      .broadcastTo(sizes.flatMap((n, i) => [times[i]!, n]))
      .reshape(sizes.map((n, i) => n * times[i]!));
  },
  samples: [
    { shapes: shapes([2, 3]), options: [2, 1] },
    { shapes: shapes([3]), options: [2, 2] },
    { shapes: shapes([2, 1, 2]), options: [3] },
  ],
  refusals: [{ shapes: shapes([2]), options: [-1], message: /a count is -1, expected whole numbers/ }],
});

/** Every element along an axis (the last, if not said) so many times in a row. */
export const repeat: OperationFunction<
  [x: Tensor],
  [options: { readonly count: number; readonly axis?: number }],
  "same"
> = define({
  name: "repeat",
  inputs: ["x"],
  kind: "same",
  shape: ([x], { count, axis = -1 }) => {
    const at = resolveAxis("repeat", axis, x.length);
    return refusedCount([count]) ?? x.with(at, x[at]! * count);
  },
  compose: ([x], { count, axis = -1 }) => {
    const at = resolveAxis("repeat", axis, x.rank);
    return x
      .expandDims(at + 1)
      .broadcastTo(x.shape.toSpliced(at + 1, 0, count))
      .reshape(x.shape.with(at, x.shape[at]! * count));
  },
  samples: [
    { shapes: shapes([2, 3]), options: { count: 2 } },
    { shapes: shapes([2, 3]), options: { count: 3, axis: 0 } },
  ],
  refusals: [{ shapes: shapes([2]), options: { count: 1.5 }, message: /a count is 1\.5, expected whole numbers/ }],
});

/** The elements moved by `shift` places along an axis (the last, if not said); those that leave come in at the other end. */
export const roll: OperationFunction<
  [x: Tensor],
  [options: { readonly shift: number; readonly axis?: number }],
  "same"
> = define({
  name: "roll",
  inputs: ["x"],
  kind: "same",
  shape: ([x], { shift, axis = -1 }) => {
    resolveAxis("roll", axis, x.length);
    if (Number.isInteger(shift)) return x;
    return { because: `the shift of ${showShape(x)} is ${shift}, expected a whole number.` };
  },
  compose: ([x], { shift, axis = -1 }) => {
    const n = x.shape.at(axis)!;
    const places = Int32Array.from({ length: n }, (_, i) => (((i - shift) % n) + n) % n);
    return x.take(tensorOf(places, "int32", [n], x.device), axis);
  },
  samples: [
    { shapes: shapes([2, 5]), options: { shift: 2 } },
    { shapes: shapes([3, 2]), options: { shift: -4, axis: 0 } },
  ],
  refusals: [{ shapes: shapes([2]), options: { shift: 0.5 }, message: /the shift of \[2\] is 0\.5/ }],
});
