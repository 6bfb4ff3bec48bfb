import type { View } from "../../../device.ts";
import { valuesOf } from "../../buffer.ts";
import { collapse } from "../../loops/layout.ts";

/** Writes elements `start … start + count − 1`, in row-major order, into an array from `at` on. */
export type Reader = (start: number, count: number, into: Float32Array, at: number) => void;

/** Runs shorter than this are copied one by one. */
const SHORT = 32;

export function reader(view: View): Reader {
  const values = valuesOf(view.buffer);
  const layout = collapse(view.shape, [view.strides]);
  const strides = layout.strides[0]!;
  const last = strides.length - 1;
  const [run, step] = [layout.shape[last]!, strides[last]!];

  /** Where row `row` of the innermost axis begins. */
  const rowAt = (row: number): number => {
    let offset = view.offset;
    for (let axis = last - 1, rest = row; axis >= 0; axis--) {
      const n = layout.shape[axis]!;
      offset += (rest % n) * strides[axis]!;
      rest = Math.floor(rest / n);
    }
    return offset;
  };
  return (start, count, into, at) => {
    const end = start + count;
    let next = at;
    for (let i = start; i < end; ) {
      const inRow = i % run;
      const n = Math.min(run - inRow, end - i);
      const from = rowAt((i - inRow) / run) + inRow * step;
      if (step === 1 && n >= SHORT) into.set(values.subarray(from, from + n), next);
      else if (step === 0) into.fill(values[from]!, next, next + n);
      else for (let k = 0; k < n; k++) into[next + k] = values[from + k * step]!;
      next += n;
      i += n;
    }
  };
}
