import type { View } from "../../../device.ts";
import { sizeOf } from "../../../size.ts";
import { valuesOf } from "../../buffer.ts";
import type { Axis } from "./geometry.ts";
import type { Problem } from "./problem.ts";

/**
 * Takes out of a convolution what the zeros around its images brought in. Kernels multiply them like any element, which
 * adds nothing, unless a filter has an infinity or NaN there: zero times these is NaN. Such sums are computed again, over
 * the taps that hit an element; what is NaN for another reason stays.
 */
export function mend(out: Float32Array, p: Problem): void {
  if (!meetsZeros(p.rows) && !meetsZeros(p.columns)) return;
  if (areFinite(spanOf(p.filters, out))) return;
  const { batch, groups, channels, filtersPerGroup, x, filters } = p;
  const [rows, columns] = [new Hits(p.rows), new Hits(p.columns)];
  const strange = new Uint8Array(p.rows.taps * p.columns.taps);
  const pixels = valuesOf(x.buffer);
  const [xStrides, wStrides] = [x.strides as Strides, filters.strides as Strides];
  const plane = p.rows.outputs * p.columns.outputs;
  for (let filter = 0; filter < groups * filtersPerGroup; filter++) {
    const weight = filters.offset + filter * wStrides[0];
    const all = findStrange(strange, p, weight);
    if (all === 0) continue;
    const first = Math.floor(filter / filtersPerGroup) * channels;
    for (let image = 0; image < batch; image++) {
      const pixel = x.offset + image * xStrides[0] + first * xStrides[1];
      let at = (image * groups * filtersPerGroup + filter) * plane;
      for (let row = 0; row < p.rows.outputs; row++)
        for (let column = 0; column < p.columns.outputs; column++, at++)
          if (Number.isNaN(out[at]!) && isFromZeros(row, column, all)) out[at] = sum(pixel, weight, row, column);
    }
  }

  /** Whether what is missed is why a sum is NaN, as far as the filter alone says. */
  function isFromZeros(row: number, column: number, all: number): boolean {
    let missed = all;
    for (let i = 0, tap = rows.first[row]!; i < rows.count[row]!; i++, tap += rows.step)
      for (let k = 0, t = columns.first[column]!; k < columns.count[column]!; k++, t += columns.step) {
        const kind = strange[tap * p.columns.taps + t]!;
        if (kind === NOT_A_NUMBER) return false;
        if (kind !== FINITE) missed--;
      }
    return missed > 0;
  }

  function sum(pixel: number, weight: number, row: number, column: number): number {
    const weights = valuesOf(filters.buffer);
    const across = columns.index(column);
    let total = 0;
    for (let channel = 0; channel < channels; channel++)
      for (let i = 0, tap = rows.first[row]!, index = rows.index(row); i < rows.count[row]!; i++) {
        let fromX = pixel + channel * xStrides[1] + index * xStrides[2] + across * xStrides[3];
        let fromW = weight + channel * wStrides[1] + tap * wStrides[2] + columns.first[column]! * wStrides[3];
        for (let k = 0; k < columns.count[column]!; k++) {
          total += pixels[fromX]! * weights[fromW]!;
          fromX += columns.indexStep * xStrides[3];
          fromW += columns.step * wStrides[3];
        }
        if (Number.isNaN(total)) return total;
        tap += rows.step;
        index += rows.indexStep;
      }
    return total;
  }
}

type Strides = readonly [number, number, number, number];

/** What a tap of a filter has in one channel or another. */
const [FINITE, INFINITE, NOT_A_NUMBER] = [0, 1, 2];

/** Notes what each tap of a filter has, and says how many have something that is not finite. */
function findStrange(strange: Uint8Array, { channels, filters, rows, columns }: Problem, weight: number): number {
  const values = valuesOf(filters.buffer);
  const [, byChannel, byRow, byColumn] = filters.strides as Strides;
  strange.fill(FINITE);
  let all = 0;
  for (let channel = 0; channel < channels; channel++)
    for (let row = 0, tap = 0; row < rows.taps; row++)
      for (let column = 0; column < columns.taps; column++, tap++) {
        const value = values[weight + channel * byChannel + row * byRow + column * byColumn]!;
        if (Number.isFinite(value)) continue;
        if (strange[tap] === FINITE) all++;
        strange[tap] = Math.max(strange[tap]!, Number.isNaN(value) ? NOT_A_NUMBER : INFINITE);
      }
  return all;
}

/** For each output of an axis, the taps that hit an element: `count` of them from `first` on, `step` apart. */
class Hits {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly step: number;
  /** From the element that a tap hits to that of the next one. */
  readonly indexStep: number;
  readonly #axis: Axis;

  constructor(axis: Axis) {
    const { inputs, taps, outputs, stride, dilation, inputDilation, before } = axis;
    this.#axis = axis;
    let step = 1;
    while ((step * dilation) % inputDilation !== 0) step++;
    this.step = step;
    this.indexStep = (step * dilation) / inputDilation;
    this.first = new Int32Array(outputs);
    this.count = new Int32Array(outputs);
    for (let output = 0; output < outputs; output++) {
      const start = output * stride - before;
      let first = Math.max(0, Math.ceil(-start / dilation));
      const end = Math.min(taps, Math.floor(((inputs - 1) * inputDilation - start) / dilation) + 1);
      for (let i = 0; i < step && (start + first * dilation) % inputDilation !== 0; i++) first++;
      const fits = (start + first * dilation) % inputDilation === 0;
      this.first[output] = first;
      this.count[output] = fits ? Math.max(0, Math.ceil((end - first) / step)) : 0;
    }
  }

  /** The element that the first tap of an output hits. */
  index(output: number): number {
    const { stride, dilation, inputDilation, before } = this.#axis;
    return (output * stride - before + this.first[output]! * dilation) / inputDilation;
  }
}

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

/** Whether all values are finite. In several sums, which do not wait for each other. A sum that overflows passes for an infinity. */
export function areFinite(values: Float32Array): boolean {
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
