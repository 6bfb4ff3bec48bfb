import type { DType, Reduction, TypedArray, View } from "../../device.ts";
import { allocate, valuesOf } from "../buffer.ts";
import { collapse } from "./layout.ts";

/** Sums and products accumulate in double precision, so that a million float32 terms lose nothing. */
interface Rule {
  readonly start: string;
  /** Takes value `v` at position `i` of the folded axis into `best` (and `at`). */
  readonly take: string;
  readonly result: "best" | "at";
}

const rules: Readonly<Record<Reduction, Rule>> = {
  sum: { start: "0", take: "best += v;", result: "best" },
  prod: { start: "1", take: "best *= v;", result: "best" },
  max: { start: "-Infinity", take: "if (v > best || v !== v) best = v;", result: "best" },
  min: { start: "Infinity", take: "if (v < best || v !== v) best = v;", result: "best" },
  argmax: {
    start: "-Infinity",
    take: "if (v > best || (v !== v && best === best)) { best = v; at = i; }",
    result: "at",
  },
  argmin: {
    start: "Infinity",
    take: "if (v < best || (v !== v && best === best)) { best = v; at = i; }",
    result: "at",
  },
};

type RowLoop = (x: TypedArray, out: TypedArray, kept: Int32Array, outer: Int32Array, n: number, step: number) => void;

const compiled = new Map<string, RowLoop>();

/** One loop for each kind of fold and element type, so that V8 keeps each monomorphic. */
function rowLoop(by: Reduction, dtype: DType): RowLoop {
  const key = `${by} ${dtype}`;
  let loop = compiled.get(key);
  if (loop !== undefined) return loop;
  const { start, take, result } = rules[by];
  const four = by === "sum";
  const source = `return function reduce(x, out, kept, outer, n, step) {
    for (let o = 0; o < kept.length; o++) {
      let best = ${start}, at = 0, i = 0;
      for (let r = 0; r < outer.length; r++) {
        let p = kept[o] + outer[r], j = 0;
        ${
          four
            ? `let b = 0, c = 0, d = 0;
        for (; j + 4 <= n; j += 4) { best += x[p]; b += x[p + step]; c += x[p + 2 * step]; d += x[p + 3 * step]; p += 4 * step; }
        best += b + (c + d);`
            : ""
        }
        for (; j < n; j++) { const v = x[p]; ${take} i++; p += step; }
      }
      out[o] = ${result};
    }
  }`;
  loop = new Function(source)() as RowLoop;
  compiled.set(key, loop);
  return loop;
}

/** Folds `axes` of a view; rows that lie scattered are summed a row at a time instead of a column at a time. */
export function reduce(by: Reduction, x: View, axes: readonly number[], dtype: DType): TypedArray {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const keep = collapse(
    kept.map((axis) => x.shape[axis]!),
    [kept.map((axis) => x.strides[axis]!)],
  );
  const fold = collapse(
    axes.map((axis) => x.shape[axis]!),
    [axes.map((axis) => x.strides[axis]!)],
  );
  const out = allocate(dtype, product(kept.map((axis) => x.shape[axis]!)));
  if (out.length === 0) return out;
  const keepInner = keep.shape.length - 1;
  const width = keep.shape[keepInner]!;
  const foldInner = fold.shape.length - 1;
  const rows = by === "sum" && keep.strides[0]![keepInner] === 1 && width >= 8 && fold.strides[0]![foldInner] !== 1;
  if (rows) {
    const starts = offsetsOf(keep.shape.slice(0, -1), keep.strides[0]!.slice(0, -1), x.offset);
    const folded = offsetsOf(fold.shape, fold.strides[0]!, 0);
    sumRows(valuesOf(x.buffer), out, starts, folded, width);
    return out;
  }
  const starts = offsetsOf(keep.shape, keep.strides[0]!, x.offset);
  const outer = offsetsOf(fold.shape.slice(0, -1), fold.strides[0]!.slice(0, -1), 0);
  const empty = axes.some((axis) => x.shape[axis] === 0);
  rowLoop(by, x.buffer.dtype)(
    valuesOf(x.buffer),
    out,
    starts,
    outer,
    empty ? 0 : fold.shape[foldInner]!,
    fold.strides[0]![foldInner]!,
  );
  return out;
}

function sumRows(x: TypedArray, out: TypedArray, starts: Int32Array, folded: Int32Array, width: number): void {
  const sums = new Float64Array(width);
  for (let s = 0; s < starts.length; s++) {
    sums.fill(0);
    for (let r = 0; r < folded.length; r++) {
      const from = starts[s]! + folded[r]!;
      for (let j = 0; j < width; j++) sums[j]! += x[from + j]!;
    }
    out.set(sums, s * width);
  }
}

/** Offsets of all elements of a strided box, in row-major order. */
function offsetsOf(shape: readonly number[], strides: readonly number[], from: number): Int32Array {
  let offsets = Int32Array.of(from);
  for (let axis = 0; axis < shape.length; axis++) {
    const n = shape[axis]!;
    const step = strides[axis]!;
    const next = new Int32Array(offsets.length * n);
    for (let o = 0, k = 0; o < offsets.length; o++) for (let i = 0; i < n; i++) next[k++] = offsets[o]! + i * step;
    offsets = next;
  }
  return offsets;
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, n) => size * n, 1);
}
