import type { Buffer, Shape, View } from "../device/device.ts";
import { sizeOf } from "./shapes.ts";

/** Row-major strides. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i]!;
  }
  return strides;
}

/** The whole of a buffer, row by row. */
export function contiguousView(buffer: Buffer, shape: Shape): View {
  return { buffer, shape, strides: contiguousStrides(shape), offset: 0 };
}

/** Whether elements lie one after another in row-major order (axes of size 1 do not matter). */
export function isContiguous(view: View): boolean {
  let step = 1;
  for (let i = view.shape.length - 1; i >= 0; i--) {
    const n = view.shape[i]!;
    if (n !== 1 && view.strides[i] !== step) return false;
    step *= n;
  }
  return true;
}

/** The view repeated along new and size-1 axes, without copying. */
export function broadcastView(view: View, shape: Shape): View {
  if (view.shape === shape) return view;
  const lead = shape.length - view.shape.length;
  const strides = shape.map((n, i) =>
    i < lead || (view.shape[i - lead] === 1 && n !== 1) ? 0 : view.strides[i - lead]!,
  );
  return { buffer: view.buffer, shape, strides, offset: view.offset };
}

export function permuteView(view: View, axes: readonly number[]): View {
  return {
    buffer: view.buffer,
    shape: axes.map((axis) => view.shape[axis]!),
    strides: axes.map((axis) => view.strides[axis]!),
    offset: view.offset,
  };
}

/** The same elements in another shape without copying, or `null` where only a copy will do. */
export function reshapeView(view: View, shape: Shape): View | null {
  if (isContiguous(view)) return { buffer: view.buffer, shape, strides: contiguousStrides(shape), offset: view.offset };
  if (sizeOf(shape) === 0)
    return { buffer: view.buffer, shape, strides: contiguousStrides(shape), offset: view.offset };
  // Match groups of old axes with groups of new axes; a group can be resplit only if it is contiguous inside.
  const old = view.shape.map((n, i) => ({ n, stride: view.strides[i]! })).filter(({ n }) => n !== 1);
  const strides = new Array<number>(shape.length).fill(0);
  let i = 0;
  let j = 0;
  while (i < old.length || j < shape.length) {
    if (i === old.length) {
      strides[j++] = 0; // only axes of size 1 are left
      continue;
    }
    let oldSize = old[i]!.n;
    let newSize = shape[j] ?? 1;
    const iStart = i++;
    const jStart = j++;
    while (oldSize !== newSize) {
      if (newSize < oldSize) newSize *= shape[j++]!;
      else oldSize *= old[i++]!.n;
    }
    for (let k = iStart; k < i - 1; k++) if (old[k]!.stride !== old[k + 1]!.n * old[k + 1]!.stride) return null;
    let stride = old[i - 1]!.stride;
    for (let k = j - 1; k >= jStart; k--) {
      strides[k] = stride;
      stride *= shape[k]!;
    }
  }
  return { buffer: view.buffer, shape, strides, offset: view.offset };
}
