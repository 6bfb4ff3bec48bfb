import type { TypedArray } from "./device.ts";

/** Bounds of indices: from what is negative, or 0, to the largest. */
export function rangeOf(values: TypedArray): readonly [least: number, most: number] {
  let [least, most] = [0, -1];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value > most) most = value;
    else if (value < least) least = value;
  }
  return [least, most];
}
