import type { View } from "../../../../device.ts";
import { sizeOf } from "../../../../size.ts";
import { valuesOf, wrap } from "../../../buffer.ts";
import { map } from "../../../loops/map.ts";
import { isAddressable } from "../../../x86/bounds.ts";
import type { X86Kernels } from "../../../x86/kernels.ts";
import type { Axis } from "../geometry.ts";
import { outputLength, type Problem } from "../problem.ts";
import type { Order } from "../runs.ts";
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
const ways = new WeakMap<X86Kernels, { readonly known: Map<string, Way | null>; words: number }>();
/** Words of calls that are kept. */
const MOST_WORDS = 1 << 22;

/** Convolution of many images at once, where that takes less time than others that sum in such an order. */
export function convolveAbreast(p: Problem, order: Order, x86: X86Kernels): Float32Array | undefined {
  const sizes = [sizeOf(p.x.shape), sizeOf(p.filters.shape), outputLength(p)];
  if (sizes.some((size) => size * 4 > 0x7fffffff) || !paysAbreast(p, x86, order)) return undefined;
  const way = wayOf(p, order, x86);
  if (way === null) return undefined;
  const x = isDense(p.x) ? p.x : contiguous(p.x);
  const areAddressable = [x, p.filters].every(({ buffer }) => isAddressable(valuesOf(buffer)));
  return areAddressable ? convolvedAbreast({ ...p, x }, x86, way) : undefined;
}

function wayOf(p: Problem, order: Order, x86: X86Kernels): Way | null {
  const kept = ways.get(x86) ?? { known: new Map<string, Way | null>(), words: 0 };
  ways.set(x86, kept);
  const ofAxis = (a: Axis) => `${a.inputs} ${a.taps} ${a.outputs} ${a.stride} ${a.dilation} ${a.before}`;
  const sizes = `${p.batch} ${p.groups} ${p.channels} ${p.filtersPerGroup} ${x86.abreast.threads} ${order}`;
  const key = `${sizes} ${ofAxis(p.rows)} ${ofAxis(p.columns)}`;
  let way = kept.known.get(key);
  if (way === undefined) {
    way = wayAbreast(p, x86, order) ?? null;
    const words = way?.plan.words.length ?? 0;
    if (kept.words + words > MOST_WORDS || kept.known.size >= 256) {
      kept.known.clear();
      kept.words = 0;
    }
    kept.known.set(key, way);
    kept.words += words;
  }
  return way;
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
