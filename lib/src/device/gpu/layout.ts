import type { Shape } from "../device.ts";

/** Several strided arrays of one shape, walked together: as few axes as will do. */
export interface Walk {
  readonly shape: readonly number[];
  /** The steps of each array along these axes. */
  readonly strides: readonly (readonly number[])[];
}

/** Leaves out axes of size 1 and joins neighbours that every array walks as one. */
export function joined(shape: Shape, arrays: readonly Shape[]): Walk {
  const sizes: number[] = [];
  const strides: number[][] = arrays.map(() => []);
  for (let axis = 0; axis < shape.length; axis++) {
    const n = shape[axis]!;
    if (n === 1) continue;
    const last = sizes.length - 1;
    const fits = last >= 0 && arrays.every((steps, i) => strides[i]![last] === steps[axis]! * n);
    if (fits) sizes[last]! *= n;
    else sizes.push(n);
    for (let i = 0; i < arrays.length; i++) {
      if (fits) strides[i]![last] = arrays[i]![axis]!;
      else strides[i]!.push(arrays[i]![axis]!);
    }
  }
  return { shape: sizes, strides };
}
