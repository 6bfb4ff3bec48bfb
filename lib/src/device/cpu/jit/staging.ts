import type { View } from "../../device.ts";
import { valuesOf } from "../buffer.ts";
import type { Scratch } from "./scratch.ts";

/** A float32 view copied to the kernels' memory: element `i` lies at `address + Σ i[axis] · strides[axis]`, in bytes. */
export interface Staged {
  readonly address: number;
  readonly strides: readonly number[];
}

/** Copies a view to scratch memory: as it lies, when that is mostly wanted, else element by element. */
export function stage(view: View, scratch: Scratch): Staged {
  const { shape, strides, offset } = view;
  if (shape.includes(0)) return { address: scratch.claim(0), strides: strides.map(() => 0) };
  const values = valuesOf(view.buffer) as Float32Array;
  let [first, last, distinct] = [offset, offset, 1];
  for (let axis = 0; axis < shape.length; axis++) {
    const reach = (shape[axis]! - 1) * strides[axis]!;
    if (reach < 0) first += reach;
    else last += reach;
    if (reach !== 0) distinct *= shape[axis]!;
  }
  if (!(first >= 0 && last < values.length))
    throw new RangeError(`wasm: elements ${first} to ${last} of a view leave its ${values.length} elements.`);
  const span = last - first + 1;
  if (span <= 2 * distinct + 64) {
    const address = scratch.claim(span * 4);
    scratch.floats.set(values.subarray(first, last + 1), address / 4);
    return { address: address + (offset - first) * 4, strides: strides.map((stride) => stride * 4) };
  }
  const address = scratch.claim(distinct * 4);
  gather(view, values, scratch.floats, address / 4);
  let stride = 4;
  const packed = strides.map(() => 0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 1 || strides[axis] === 0) continue;
    packed[axis] = stride;
    stride *= shape[axis]!;
  }
  return { address, strides: packed };
}

/** Writes the distinct elements of a view one after another: axes of stride 0 are taken once. */
function gather(view: View, values: Float32Array, into: Float32Array, start: number): void {
  const axes = view.shape.flatMap((n, axis) =>
    n === 1 || view.strides[axis] === 0 ? [] : [[n, view.strides[axis]!] as const],
  );
  let next = start;
  const visit = (axis: number, offset: number): void => {
    const [n, stride] = axes[axis]!;
    if (axis < axes.length - 1) {
      for (let i = 0; i < n; i++) visit(axis + 1, offset + i * stride);
    } else if (stride === 1 && n >= 32) {
      into.set(values.subarray(offset, offset + n), next);
      next += n;
    } else {
      for (let i = 0, from = offset; i < n; i++, from += stride) into[next++] = values[from]!;
    }
  };
  visit(0, view.offset);
}

/** Indices `from` … `to − 1` of one axis. */
export function slice(view: View, axis: number, from: number, to: number): View {
  return {
    ...view,
    shape: view.shape.map((n, i) => (i === axis ? to - from : n)),
    offset: view.offset + from * view.strides[axis]!,
  };
}
