import type { TypedArray, View } from "../../../device.ts";
import { arrayToFill } from "../../arrays.ts";
import { valuesOf } from "../../buffer.ts";
import type { StreamArgument } from "../../vector/kernel.ts";
import type { Layout } from "./layout.ts";

/** What calls are given for inputs: as many rows at a time as the same streams go through. */
export interface Passed {
  readonly rows: number;
  readonly streams: readonly (readonly StreamArgument[])[];
  /** Memory that was made for them. */
  readonly lent: readonly TypedArray[];
}

/** Columns from which it pays to write down a value for each row, so that one call goes through all of them. */
const LEAST_COLUMNS = 16;

/** The streams of inputs, by their numbers, for so many rows of rows. */
export function streamsOf(which: readonly number[], inputs: readonly View[], layout: Layout, times: number): Passed {
  const { outer, rows, columns, strides, reaches } = layout;
  const stream = (input: number, i: number): StreamArgument => {
    const { buffer, offset } = inputs[input]!;
    const values = valuesOf(buffer) as StreamArgument["values"];
    return { values, offset: offset + (outer[input]?.[i] ?? 0), stride: strides[input]! };
  };
  const separate = () => ({
    rows,
    streams: Array.from({ length: times }, (_, i) => which.map((input) => stream(input, i))),
    lent: [],
  });
  if (times === 1 || columns < LEAST_COLUMNS) return separate();
  const steps = which.map((input) => evenStep(outer[input]!, rows, strides[input]!));
  if (which.some((input, k) => steps[k] === undefined && reaches[input] !== "row")) return separate();
  const lent: TypedArray[] = [];
  const merged = which.map((input, k): StreamArgument => {
    const first = stream(input, 0);
    if (steps[k] !== undefined) return { ...first, stride: steps[k] };
    // A bias, say, that goes round with the channels of each image.
    const values = arrayToFill("float32", times * rows);
    for (let i = 0, to = 0; i < times; i++) {
      const { offset, stride } = stream(input, i);
      for (let row = 0; row < rows; row++) values[to++] = first.values[offset + row * stride]!;
    }
    lent.push(values);
    return { values, offset: 0, stride: 1 };
  });
  return { rows: times * rows, streams: [merged], lent };
}

/** The step from each row to the next where rows of rows follow each other evenly. */
function evenStep(outer: Int32Array, rows: number, stride: number): number | undefined {
  const step = rows === 1 ? outer[1]! - outer[0]! : stride;
  for (let i = 1; i < outer.length; i++) if (outer[i]! - outer[i - 1]! !== rows * step) return undefined;
  return step;
}
