import type { View } from "../../../device.ts";
import { sizeOf } from "../../../size.ts";
import { valuesOf } from "../../buffer.ts";
import type { Axis } from "./geometry.ts";
import type { Problem } from "./problem.ts";

/**
 * Takes out of a convolution what the zeros around its images brought in. Kernels multiply them like any element, which
 * adds nothing, unless a filter has an infinity or NaN there: zero times these is NaN. Such sums are computed again,
 * over the taps that hit an element; the others stay as they are.
 */
export function mend(out: Float32Array, p: Problem): void {
  if (!meetsZeros(p.rows) && !meetsZeros(p.columns)) return;
  if (areFinite(spanOf(p.filters, out))) return;
  const { batch, groups, channels, filtersPerGroup, x, filters } = p;
  const [rows, columns] = [hitsOf(p.rows), hitsOf(p.columns)];
  const [pixels, weights] = [valuesOf(x.buffer), valuesOf(filters.buffer)];
  const [xStrides, wStrides] = [x.strides as Strides, filters.strides as Strides];
  const sum = (pixel: number, weight: number, row: Hits, column: Hits) => {
    let total = 0;
    for (let channel = 0; channel < channels; channel++)
      for (const [tap, index] of row) {
        const fromX = pixel + channel * xStrides[1] + index * xStrides[2];
        const fromW = weight + channel * wStrides[1] + tap * wStrides[2];
        for (const [t, i] of column) total += pixels[fromX + i * xStrides[3]]! * weights[fromW + t * wStrides[3]]!;
        if (Number.isNaN(total)) return total;
      }
    return total;
  };
  const every = p.rows.taps * p.columns.taps;
  for (let image = 0, at = 0; image < batch; image++)
    for (let filter = 0; filter < groups * filtersPerGroup; filter++) {
      const first = Math.floor(filter / filtersPerGroup) * channels;
      const pixel = x.offset + image * xStrides[0] + first * xStrides[1];
      const weight = filters.offset + filter * wStrides[0];
      for (const row of rows)
        for (const column of columns) {
          if (Number.isNaN(out[at]!) && row.length * column.length < every) out[at] = sum(pixel, weight, row, column);
          at++;
        }
    }
}

type Strides = readonly [number, number, number, number];

/** The taps of one output that hit an element, each with the element's index. */
type Hits = readonly (readonly [tap: number, index: number])[];

const hitsOf = ({ inputs, taps, outputs, stride, dilation, inputDilation, before }: Axis): readonly Hits[] =>
  Array.from({ length: outputs }, (_, output) =>
    Array.from({ length: taps }, (_, tap) => [tap, (output * stride + tap * dilation - before) / inputDilation] as const)
      // biome-ignore format: one condition
      .filter(([, index]) => Number.isInteger(index) && index >= 0 && index < inputs),
  );

function meetsZeros({ inputs, taps, outputs, stride, dilation, inputDilation, before }: Axis): boolean {
  const last = (outputs - 1) * stride + (taps - 1) * dilation - before;
  return before > 0 || inputDilation > 1 || last > inputs - 1;
}

/** What shows whether there is anything to mend: all that filters span in memory, or the results, if they are fewer. */
function spanOf({ buffer, shape, strides, offset }: View, out: Float32Array): Float32Array {
  const values = valuesOf(buffer) as Float32Array;
  const ends = shape.map((size, axis) => (size - 1) * strides[axis]!);
  const from = ends.reduce((sum, end) => sum + Math.min(0, end), offset);
  const to = ends.reduce((sum, end) => sum + Math.max(0, end), offset);
  return sizeOf(shape) > 0 && to + 1 - from < out.length ? values.subarray(from, to + 1) : out;
}

/** In several sums, which do not wait for each other. A sum that overflows passes for an infinity. */
function areFinite(values: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i]!;
    b += values[i + 1]!;
    c += values[i + 2]!;
    d += values[i + 3]!;
  }
  for (let i = whole; i < values.length; i++) a += values[i]!;
  return Number.isFinite(a + b + c + d);
}
