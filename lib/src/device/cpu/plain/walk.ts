import type { View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { valuesOf } from "../buffer.ts";

/** Calls `visit` with the buffer offset of every element of a view, in row-major order. */
export function walk(view: Pick<View, "shape" | "strides" | "offset">, visit: (offset: number) => void): void {
  const { shape, strides } = view;
  const each = (axis: number, offset: number): void => {
    if (axis === shape.length) {
      visit(offset);
      return;
    }
    for (let i = 0; i < shape[axis]!; i++) each(axis + 1, offset + i * strides[axis]!);
  };
  each(0, view.offset);
}

/** The values of a view in row-major order, in double precision. */
export function listOf(view: View): Float64Array {
  const values = valuesOf(view.buffer);
  const list = new Float64Array(sizeOf(view.shape));
  let next = 0;
  walk(view, (offset) => {
    list[next++] = values[offset]!;
  });
  return list;
}

/** The view with the axes in another order. */
export function permute(view: View, axes: readonly number[]): View {
  return { ...view, shape: axes.map((a) => view.shape[a]!), strides: axes.map((a) => view.strides[a]!) };
}
