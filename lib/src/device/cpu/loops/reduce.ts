import type { DType, Reduction, TypedArray, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { arrayToFill } from "../arrays.ts";
import { valuesOf } from "../buffer.ts";
import { bitsOf, unrolledExtreme } from "./extremes.ts";
import { collapse } from "./layout.ts";
import { offsetsOf } from "./offsets.ts";

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
  max: { start: "-Infinity", take: "best = Math.max(best, v);", result: "best" },
  min: { start: "Infinity", take: "best = Math.min(best, v);", result: "best" },
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

/** `from + kept[o] + outer[r] + j · step` is element (r, j) of the fold that gives `out[o]`. */
type FoldLoop = (
  x: TypedArray,
  out: TypedArray,
  from: number,
  kept: Int32Array,
  outer: Int32Array,
  n: number,
  step: number,
) => void;

const compiled = new Map<string, FoldLoop>();

/** Folds of so few elements (pooling windows) are written out without an inner loop. */
const fewElements = 16;
const areFew = (elements: number) => Number.isInteger(elements) && elements > 0 && elements <= fewElements;

/** One loop for each kind of fold and element type, so that V8 keeps each monomorphic. */
function foldLoop(by: Reduction, dtype: DType, elements: number): FoldLoop {
  const few = areFew(elements);
  const key = `${by} ${dtype} ${few ? elements : ""}`;
  let loop = compiled.get(key);
  if (loop === undefined) {
    const code = few
      ? byBits(by, dtype, elements)
        ? unrolledExtreme(by, elements)
        : unrolled(by, elements)
      : looped(by);
    loop = new Function(`return function ${by}(x, out, from, kept, outer, n, step) {${code}}`)() as FoldLoop;
    compiled.set(key, loop);
  }
  return loop;
}

/** Whether the loop works on the bits of its values. */
function byBits(by: Reduction, dtype: DType, elements: number): by is Exclude<Reduction, "sum" | "prod"> {
  return dtype === "float32" && by !== "sum" && by !== "prod" && areFew(elements);
}

/** The sum of a few elements in eight lanes, which meet as those of the kernels do. */
function unrolledSum(elements: number): string {
  const lane = (i: number): string[] => (i < elements ? [`x[p + f${i}]`, ...lane(i + 8)] : []);
  const lanes = Array.from({ length: 8 }, (_, i) => lane(i).join(" + ") || "0");
  const [a, b, c, d, e, f, g, h] = lanes.map((sum) => `(${sum})`);
  return `((${a} + ${e}) + (${c} + ${g})) + ((${b} + ${f}) + (${d} + ${h}))`;
}

function unrolled(by: Reduction, elements: number): string {
  const { start, take, result } = rules[by];
  const places = Array.from({ length: elements }, (_, i) => i);
  const fold =
    by === "sum"
      ? `best += ${unrolledSum(elements)};`
      : places.map((i) => `v = x[p + f${i}]; ${take.replace("at = i", `at = ${i}`)}`).join("\n      ");
  return `
    ${places.map((i) => `const f${i} = from + outer[${i}];`).join(" ")}
    for (let o = 0; o < kept.length; o++) {
      const p = kept[o];
      let best = ${start}, at = 0, v = 0;
      ${fold}
      out[o] = ${result};
    }`;
}

function looped(by: Reduction): string {
  const { start, take, result } = rules[by];
  // Eight lanes that meet as those of the kernels do.
  const lanes =
    by === "sum"
      ? `let b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, a = 0;
        for (; j + 8 <= n; j += 8) {
          a += x[p]; b += x[p + step]; c += x[p + 2 * step]; d += x[p + 3 * step]; p += 4 * step;
          e += x[p]; f += x[p + step]; g += x[p + 2 * step]; h += x[p + 3 * step]; p += 4 * step;
        }
        if (j < n) a += x[p];
        if (j + 1 < n) b += x[p + step];
        if (j + 2 < n) c += x[p + 2 * step];
        if (j + 3 < n) d += x[p + 3 * step];
        if (j + 4 < n) e += x[p + 4 * step];
        if (j + 5 < n) f += x[p + 5 * step];
        if (j + 6 < n) g += x[p + 6 * step];
        j = n;
        best += (a + e + (c + g)) + (b + f + (d + h));`
      : "";
  return `
    for (let o = 0; o < kept.length; o++) {
      let best = ${start}, at = 0, i = 0;
      for (let r = 0; r < outer.length; r++) {
        let p = from + kept[o] + outer[r], j = 0;
        ${lanes}
        for (; j < n; j++) { const v = x[p]; ${take} i++; p += step; }
      }
      out[o] = ${result};
    }`;
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
  const out = arrayToFill(dtype, sizeOf(kept.map((axis) => x.shape[axis]!)));
  if (out.length === 0) return out;
  const keepInner = keep.shape.length - 1;
  const width = keep.shape[keepInner]!;
  const foldInner = fold.shape.length - 1;
  const rows = by === "sum" && keep.strides[0]![keepInner] === 1 && width >= 8 && fold.strides[0]![foldInner] !== 1;
  const values = valuesOf(x.buffer);
  if (rows) {
    sumRows(
      values,
      out,
      x.offset,
      offsetsOf(keep.shape.slice(0, -1), keep.strides[0]!.slice(0, -1)),
      offsetsOf(fold.shape, fold.strides[0]!),
      width,
    );
    return out;
  }
  const starts = offsetsOf(keep.shape, keep.strides[0]!);
  const elements = sizeOf(axes.map((axis) => x.shape[axis]!));
  const loop = foldLoop(by, x.buffer.dtype, elements);
  if (areFew(elements)) {
    const bits = byBits(by, x.buffer.dtype, elements);
    const from = bits ? bitsOf(values as Float32Array) : values;
    const to = bits && out instanceof Float32Array ? bitsOf(out) : out;
    loop(from, to, x.offset, starts, offsetsOf(fold.shape, fold.strides[0]!), 1, 0);
  } else {
    const outer = offsetsOf(fold.shape.slice(0, -1), fold.strides[0]!.slice(0, -1));
    loop(
      values,
      out,
      x.offset,
      starts,
      outer,
      elements === 0 ? 0 : fold.shape[foldInner]!,
      fold.strides[0]![foldInner]!,
    );
  }
  return out;
}

function sumRows(
  x: TypedArray,
  out: TypedArray,
  base: number,
  starts: Int32Array,
  folded: Int32Array,
  width: number,
): void {
  const sums = new Float64Array(width);
  for (let s = 0; s < starts.length; s++) {
    sums.fill(0);
    for (let r = 0; r < folded.length; r++) {
      const from = base + starts[s]! + folded[r]!;
      for (let j = 0; j < width; j++) sums[j]! += x[from + j]!;
    }
    out.set(sums, s * width);
  }
}
