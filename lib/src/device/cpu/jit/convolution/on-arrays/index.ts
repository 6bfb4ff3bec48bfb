import type { View } from "../../../../device.ts";
import { sizeOf } from "../../../../size.ts";
import { valuesOf, wrap } from "../../../buffer.ts";
import { map } from "../../../loops/map.ts";
import { isAddressable } from "../../../x86/bounds.ts";
import type { X86Kernels } from "../../../x86/kernels.ts";
import type { Axis } from "../geometry.ts";
import { outputLength, type Problem } from "../problem.ts";
import { convolvedAbreast, isDense, paysAbreast, type Way, wayAbreast } from "./abreast.ts";
import { correlatedOnArrays } from "./correlated.ts";
import { paddedLength } from "./padded.ts";
import { shiftedOnArrays } from "./shifted.ts";

/** Floats of an image with its borders, or of what it meets, above which another way takes it in parts. */
const MOST = 1 << 24;
/** Multiplications for a group of filters below which it does not pay to put its images in order for it. */
const LEAST_OF_GROUP = 1 << 18;

/**
 * Convolutions in machine code on the arrays themselves; undefined where these are too large, or what is read
 * at a time does not lie side by side.
 * The bits are those of the way in WebAssembly.
 */
export function convolveOnArrays(p: Problem, correlated: boolean, x86: X86Kernels): Float32Array | undefined {
  const { rows, columns } = p;
  const isPlain = [rows, columns].every(
    ({ stride, dilation, inputDilation }) => (correlated ? dilation : stride) === 1 && inputDilation === 1,
  );
  const outputs = p.batch * p.groups * p.filtersPerGroup * rows.outputs * columns.outputs;
  const sizes = [p.x, p.filters].map(({ shape }) => sizeOf(shape));
  if (!isPlain || [...sizes, outputs].some((size) => size * 4 > 0x7fffffff)) return undefined;
  const taps = rows.taps * columns.taps;
  const plane = paddedLength(rows) * paddedLength(columns);
  const ofImage = correlated ? p.batch * plane : p.groups * p.channels * plane;
  const ofFilters = correlated ? p.filtersPerGroup * (taps + p.batch * rows.outputs * columns.outputs) : 0;
  if (ofImage > MOST || ofFilters > MOST) return undefined;
  const given = { ...p, x: inRows(p.x), filters: correlated ? inPlanes(p.filters) : p.filters };
  if (![given.x, given.filters].every(({ buffer }) => isAddressable(valuesOf(buffer)))) return undefined;
  return correlated ? correlatedOnArrays(given, x86) : shiftedOnArrays(given, x86);
}

/** Steps of a training loop have the same convolutions again and again. */
const ways = new WeakMap<X86Kernels, Map<string, Way | null>>();
const MOST_WAYS = 256;

/** Convolution of many images at once, where that takes less time than so many multiplications; with the same bits. */
export function convolveAbreast(
  p: Problem,
  run: number,
  multiplications: number,
  x86: X86Kernels,
): Float32Array | undefined {
  const known = ways.get(x86) ?? new Map<string, Way | null>();
  ways.set(x86, known);
  const ofAxis = (a: Axis) => `${a.inputs} ${a.taps} ${a.outputs} ${a.stride} ${a.dilation} ${a.before}`;
  const sizes = `${p.batch} ${p.groups} ${p.channels} ${p.filtersPerGroup} ${run} ${multiplications}`;
  const key = `${x86.abreast.threads} ${sizes} ${ofAxis(p.rows)} ${ofAxis(p.columns)}`;
  let way = known.get(key);
  if (way === undefined) {
    const fits = sizeOf(p.x.shape) * 4 <= 0x7fffffff && outputLength(p) * 4 <= 0x7fffffff;
    way = fits && paysAbreast(p, x86.lanes, multiplications) ? wayAbreast(p, x86, run) : null;
    if (known.size >= MOST_WAYS) known.clear();
    known.set(key, way);
  }
  if (way === null) return undefined;
  const x = isDense(p.x) ? p.x : contiguous(p.x);
  return isAddressable(valuesOf(x.buffer)) ? convolvedAbreast({ ...p, x }, x86, way) : undefined;
}

/** Whether the groups of filters are large enough that it pays to put images in order for each. */
export function paysOnArrays(p: Problem, correlated: boolean): boolean {
  const products =
    p.batch * p.filtersPerGroup * p.channels * p.rows.outputs * p.columns.outputs * p.rows.taps * p.columns.taps;
  return !correlated || p.groups === 1 || products >= LEAST_OF_GROUP;
}

/** A view whose rows are contiguous. */
const inRows = (view: View) => (view.strides[3] === 1 || view.shape[3] === 1 ? view : contiguous(view));

/** A view whose planes are. */
function inPlanes(view: View): View {
  const [, , height, width] = view.shape as [number, number, number, number];
  const fits = (width === 1 || view.strides[3] === 1) && (height === 1 || view.strides[2] === width);
  return fits ? view : contiguous(view);
}

function contiguous(view: View): View {
  const { dtype } = view.buffer;
  const values = map({ kind: "input", index: 0, dtype }, [view], view.shape, dtype);
  const strides = view.shape.map((_, axis) => sizeOf(view.shape.slice(axis + 1)));
  return { buffer: wrap(values, dtype), shape: view.shape, strides, offset: 0 };
}
