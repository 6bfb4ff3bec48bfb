import type { DType, Shape, TypedArray, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { arrayToFill, zeroedArray } from "../arrays.ts";
import { valuesOf } from "../buffer.ts";
import { map } from "./map.ts";
import { offsetsOf } from "./offsets.ts";

/** The values of a view in row-major order; the buffer itself where it already is that. */
export function rowMajor(view: View): TypedArray {
  const values = valuesOf(view.buffer);
  const size = sizeOf(view.shape);
  let step = 1;
  for (let axis = view.shape.length - 1; axis >= 0; axis--) {
    if (view.shape[axis] !== 1 && view.strides[axis] !== step) {
      const dtype = view.buffer.dtype;
      return map({ kind: "input", index: 0, dtype }, [view], view.shape, dtype);
    }
    step *= view.shape[axis]!;
  }
  return values.subarray(view.offset, view.offset + size);
}

/** Slices of `x` along `axis` at the indices. */
export function gather(x: View, picked: TypedArray, axis: number): TypedArray {
  const values = rowMajor(x);
  const outer = sizeOf(x.shape.slice(0, axis));
  const inner = sizeOf(x.shape.slice(axis + 1));
  const n = x.shape[axis]!;
  const out = arrayToFill(x.buffer.dtype, outer * picked.length * inner);
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < picked.length; k++) {
      const from = (o * n + picked[k]!) * inner;
      if (inner === 1) out[to] = values[from]!;
      else out.set(values.subarray(from, from + inner), to);
      to += inner;
    }
  }
  return out;
}

/** Adds slice `k` of `updates` at `indices[k]`; sums of many are kept in double precision. */
export function scatterAdd(indices: View, updates: View, axis: number, shape: Shape): TypedArray {
  const places = rowMajor(indices);
  const values = rowMajor(updates);
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const n = shape[axis]!;
  const sums = new Float64Array(sizeOf(shape));
  let from = 0;
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < places.length; k++) {
      const to = (o * n + places[k]!) * inner;
      for (let i = 0; i < inner; i++) sums[to + i]! += values[from++]!;
    }
  }
  if (updates.buffer.dtype === "float64") return sums;
  const out = arrayToFill(updates.buffer.dtype, sums.length);
  out.set(sums);
  return out;
}

/** Adds `updates[i]` to element `at[i]` of window `i`: an element lies in few windows, so that no sum is long. */
export function spread(
  dtype: DType,
  values: TypedArray,
  places: Int32Array,
  windows: Pick<View, "shape" | "strides">,
  shape: Shape,
): TypedArray {
  const corners = offsetsOf(windows.shape.slice(0, -2), windows.strides.slice(0, -2));
  const steps = offsetsOf(windows.shape.slice(-2), windows.strides.slice(-2));
  const out = zeroedArray(dtype, sizeOf(shape));
  for (let i = 0; i < corners.length; i++) out[corners[i]! + steps[places[i]!]!]! += values[i]!;
  return out;
}

/** Each part at its place in an array of `shape`, `fill` elsewhere. */
export function pad(
  parts: readonly { readonly view: View; readonly at: Shape }[],
  shape: Shape,
  fill: number,
): TypedArray {
  const out = zeroedArray(parts[0]?.view.buffer.dtype ?? "float32", sizeOf(shape));
  if (!Object.is(fill, 0)) out.fill(fill);
  for (const { view, at } of parts) {
    const values = rowMajor(view);
    if (values.length === 0) continue;
    const rank = shape.length;
    if (rank === 0) {
      out[0] = values[0]!;
      continue;
    }
    const width = view.shape[rank - 1]!;
    if (!(width > 0)) throw new RangeError(`cpu: a part of [${view.shape.join(", ")}], expected whole sizes.`);
    const index = new Array<number>(rank).fill(0);
    for (let from = 0; from < values.length; from += width) {
      let to = 0;
      for (let axis = 0; axis < rank; axis++) to = to * shape[axis]! + at[axis]! + index[axis]!;
      out.set(values.subarray(from, from + width), to);
      for (let axis = rank - 2; axis >= 0; axis--) {
        if (++index[axis]! < view.shape[axis]!) break;
        index[axis] = 0;
      }
    }
  }
  return out;
}
