import type {
  ConvolutionOptions,
  DType,
  Expression,
  Reduction,
  RowProgram,
  Shape,
  TypedArray,
  View,
} from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { arrayToFill } from "../arrays.ts";
import { valuesOf } from "../buffer.ts";
import { isAddressable } from "../x86/bounds.ts";
import { convolve as convolveIn } from "./convolution/convolve.ts";
import { map as mapIn, runTurned } from "./elementwise.ts";
import { fold, sumApart } from "./fold.ts";
import { pad as padIn } from "./joining.ts";
import { matmul as matmulIn } from "./matmul.ts";
import { pool, spread as spreadIn } from "./pooling.ts";
import { normals as normalsIn, words as wordsIn } from "./random.ts";
import { type RowResults, runProgram } from "./rows/program.ts";
import { withScratch } from "./scratch.ts";

/**
 * The CPU device's fast path: WebAssembly SIMD kernels assembled here. Each function answers undefined when it does
 * not take the case (another dtype, too small to pay, too large for the memory, no WebAssembly); then another way
 * must be found. Results depend on the inputs and the kind of machine only.
 */

/** Multiplications below which plain loops are done sooner. */
const LEAST_PRODUCTS = 1 << 11;
const LEAST_ELEMENTS = 512;
/** Random words below which plain loops make them sooner. */
const LEAST_WORDS = 256;
/** Floats of a slice below which plain loops copy it sooner. */
const LEAST_WIDTH = 16;

const isFloat = (view: View) => view.buffer.dtype === "float32";

/** Batched product of float32 matrices, contiguous. */
export function matmul(a: View, b: View): Float32Array | undefined {
  if (!isFloat(a) || !isFloat(b) || sizeOf(a.shape) * b.shape.at(-1)! < LEAST_PRODUCTS) return undefined;
  refuseUnlike(a.shape, b.shape);
  return withScratch((scratch) => matmulIn(a, b, scratch));
}

/** Refuses matrices that do not go together: kernels take the sizes of one for those of the other. */
function refuseUnlike(a: Shape, b: Shape): void {
  const rank = a.length;
  let fits = b.length === rank && rank >= 2 && a[rank - 1] === b[rank - 2];
  for (let axis = rank - 3; axis >= 0; axis--) fits &&= a[axis] === b[axis];
  if (!fits) throw new RangeError(`cpu: matrices [${a.join(", ")}] and [${b.join(", ")}] do not go together.`);
}

/** Convolution of float32 images with float32 filters, contiguous. */
export function convolve(x: View, filters: View, options: ConvolutionOptions): Float32Array | undefined {
  if (!isFloat(x) || !isFloat(filters)) return undefined;
  return withScratch((scratch) => convolveIn(x, filters, options, scratch));
}

/** Sums and extremes of float32 over axes, contiguous. */
export function reduce(by: Reduction, x: View, axes: readonly number[], dtype: DType): TypedArray | undefined {
  if (!isFloat(x) || (dtype !== "float32" && !by.startsWith("arg"))) return undefined;
  return withScratch(
    (scratch) =>
      pool(by, x, axes, scratch) ??
      fold(by, x, axes, scratch) ??
      (by === "sum" ? sumApart(x, axes, scratch) : undefined),
  );
}

/** Updates of float32 put where they belong in windows that do not overlap. */
export function spread(
  updates: TypedArray,
  places: Int32Array,
  windows: Pick<View, "shape" | "strides">,
  shape: Shape,
): Float32Array | undefined {
  if (!(updates instanceof Float32Array)) return undefined;
  return withScratch((scratch) => spreadIn(updates, places, windows, shape, scratch));
}

/** Parts of float32, each at its place in an array of `shape`, and `fill` elsewhere. */
export function pad(
  parts: readonly { readonly view: View; readonly at: Shape }[],
  shape: Shape,
  fill: number,
): Float32Array | undefined {
  return withScratch((scratch) => padIn(parts, shape, fill, scratch));
}

/** Slices of float32 along the first axis at int32 `indices`, which are in range. */
export function gather(x: View, indices: Int32Array, axis: number): Float32Array | undefined {
  const width = sizeOf(x.shape.slice(1));
  if (axis !== 0 || !isFloat(x) || !isContiguous(x) || width < LEAST_WIDTH || indices.length === 0) return undefined;
  return withScratch(({ engine: { x86 } }) => {
    if (x86 === null || !isAddressable(valuesOf(x.buffer))) return undefined;
    const out = arrayToFill("float32", indices.length * width);
    if (!isAddressable(out)) return undefined;
    const from = { values: valuesOf(x.buffer) as Float32Array, start: x.offset };
    x86.blocks.pickLines(from, indices, { values: out, start: 0 }, width);
    return out;
  });
}

const isContiguous = ({ shape, strides }: View) =>
  strides.every((stride, axis) => shape[axis] === 1 || stride === sizeOf(shape.slice(axis + 1)));

/**
 * Row programs on float32 and bool views of one shape; undefined also where one steps through its rows, unless there are
 * results for elements only.
 */
export function rows(program: RowProgram, inputs: readonly View[], shape: Shape): RowResults | undefined {
  const { folds, beside } = program;
  const run = folds.length + program.rows.length === 0 && beside !== true ? runTurned : runProgram;
  return withScratch((scratch) => run(program, inputs, shape, scratch));
}

/** Elementwise evaluation of expressions of float32 and bool with at least one transcendental function. */
export function map(
  expression: Expression,
  inputs: readonly View[],
  shape: Shape,
  dtype: DType,
): TypedArray | undefined {
  return sizeOf(shape) < LEAST_ELEMENTS
    ? undefined
    : withScratch((scratch) => mapIn(expression, inputs, shape, dtype, scratch));
}

/** Fills `out` with the random words of a key. */
export function words(key: readonly [number, number], out: Int32Array): Int32Array | undefined {
  if (out.length < LEAST_WORDS) return undefined;
  return withScratch((scratch) => {
    wordsIn(key, out, scratch);
    return out;
  });
}

/** Fills `out` with normal numbers from the words of a key. */
export function normals(
  key: readonly [number, number],
  out: Float32Array,
  mean: number,
  std: number,
): Float32Array | undefined {
  if (out.length < LEAST_WORDS) return undefined;
  return withScratch((scratch) => {
    normalsIn(key, out, mean, std, scratch);
    return out;
  });
}
