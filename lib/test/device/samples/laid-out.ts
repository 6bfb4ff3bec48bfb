import type { Shape } from "../../../src/device/device.ts";
import { sizeOf } from "../../../src/device/size.ts";
import { slice } from "../../../src/operations/indexing.ts";
import { flip, swapAxes } from "../../../src/operations/rearrange.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";

/**
 * How a tensor lies in memory: row by row, with rows that begin at odd places and have gaps between them, with its last
 * two axes turned, every second element of a longer row, or each row from its end.
 */
export const layouts = ["dense", "gaps", "turned", "second", "reversed"] as const;
export type Layout = (typeof layouts)[number];

/** A view of a shape with the given values, in row-major order, that lies in memory in a given way. */
export function laidOut(
  values: Float32Array | Int32Array | Uint8Array,
  shape: Shape,
  layout: Layout,
  make: (values: Float32Array | Int32Array | Uint8Array, shape: Shape) => Tensor,
): Tensor {
  const last = shape.at(-1);
  if (layout === "dense" || last === undefined || values.length === 0) return make(values, shape);
  const [outer, rows] = [shape.slice(0, -1), shape.at(-2)];
  /** Each element at its place among others, which must not be read. */
  const placed = (to: Shape, place: (row: number, column: number) => number) => {
    const all = new (values.constructor as Float32ArrayConstructor)(sizeOf(to)).fill(3);
    values.forEach((value, k) => {
      all[place(Math.floor(k / last), k % last)] = value;
    });
    return make(all, to);
  };
  if (layout === "gaps") {
    const wide = placed([...outer, last + 3], (row, column) => row * (last + 3) + 1 + column);
    return slice(wide, { axis: -1, start: 1, stop: last + 1 });
  }
  if (layout === "second") {
    const wide = placed([...outer, 2 * last], (row, column) => 2 * (row * last + column));
    return slice(wide, { axis: -1, step: 2 });
  }
  if (layout === "reversed")
    return flip(
      placed(shape, (row, column) => row * last + last - 1 - column),
      -1,
    );
  if (rows === undefined) return make(values, shape);
  const turned = placed([...shape.slice(0, -2), last, rows], (row, column) => {
    const plane = Math.floor(row / rows);
    return (plane * last + column) * rows + (row % rows);
  });
  return swapAxes(turned, [-1, -2]);
}
