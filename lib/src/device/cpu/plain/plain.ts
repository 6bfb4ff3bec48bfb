import type { Device, DType, Reduction, Shape, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { zeroedArray } from "../arrays.ts";
import { requireKind, valuesOf, wrap } from "../buffer.ts";
import { factor, solveAll } from "../factor/index.ts";
import { threefry } from "../threefry.ts";
import { convolve } from "./convolve.ts";
import { evaluate } from "./scalars.ts";
import { listOf, permute, walk } from "./walk.ts";

/**
 * The reference device: every method as its definition reads, for any dtype, in double precision inside.
 * It is what faster devices are checked against and what gradient checks run on in float64.
 */
export const plain: Device = {
  name: "plain",
  write: (values, dtype) => {
    requireKind(values, dtype);
    return wrap(values.slice(), dtype);
  },
  read: async (buffer) => valuesOf(buffer).slice(),
  peek: valuesOf,
  free: () => {},
  flush: () => {},

  map(expression, inputs, shape, dtype) {
    const out = zeroedArray(dtype, sizeOf(shape));
    const lists = inputs.map(listOf);
    for (let i = 0; i < out.length; i++) {
      out[i] = evaluate(
        expression,
        lists.map((list) => list[i]!),
      );
    }
    return wrap(out, dtype);
  },

  reduce(by, x, axes, dtype) {
    const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const groups = listOf(permute(x, [...kept, ...axes]));
    const length = sizeOf(axes.map((axis) => x.shape[axis]!));
    const out = zeroedArray(dtype, sizeOf(kept.map((axis) => x.shape[axis]!)));
    for (let i = 0; i < out.length; i++) out[i] = fold(by, groups.subarray(i * length, (i + 1) * length));
    return wrap(out, dtype);
  },

  scan(by, x, axis) {
    const out = zeroedArray(x.buffer.dtype, sizeOf(x.shape));
    const values = listOf(x);
    const step = sizeOf(x.shape.slice(axis + 1));
    for (let i = 0; i < out.length; i++) {
      const first = Math.floor(i / step) % x.shape[axis]! === 0;
      if (!first) values[i] = running[by](values[i - step]!, values[i]!);
      out[i] = values[i]!;
    }
    return wrap(out, x.buffer.dtype);
  },

  matmul(a, b) {
    const [m, k, n] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
    const left = listOf(a);
    const right = listOf(b);
    const batches = sizeOf(a.shape.slice(0, -2));
    const out = zeroedArray(a.buffer.dtype, batches * m * n);
    for (let batch = 0; batch < batches; batch++) {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let l = 0; l < k; l++) sum += left[(batch * m + i) * k + l]! * right[(batch * k + l) * n + j]!;
          out[(batch * m + i) * n + j] = sum;
        }
      }
    }
    return wrap(out, a.buffer.dtype);
  },

  convolve,
  factor,
  solve: solveAll,

  pad(parts, shape, fill) {
    const dtype: DType = parts[0]?.view.buffer.dtype ?? "float32";
    const out = zeroedArray(dtype, sizeOf(shape)).fill(fill);
    for (const { view, at } of parts) {
      const values = listOf(view);
      let next = 0;
      walk(windowOf(shape, view.shape, at), (offset) => {
        out[offset] = values[next++]!;
      });
    }
    return wrap(out, dtype);
  },

  gather(x, indices, axis) {
    const picked = listOf(indices);
    const outer = sizeOf(x.shape.slice(0, axis));
    const inner = sizeOf(x.shape.slice(axis + 1));
    const values = listOf(x);
    const out = zeroedArray(x.buffer.dtype, outer * picked.length * inner);
    let next = 0;
    for (let o = 0; o < outer; o++) {
      for (const index of picked) {
        for (let i = 0; i < inner; i++) out[next++] = values[(o * x.shape[axis]! + index) * inner + i]!;
      }
    }
    return wrap(out, x.buffer.dtype);
  },

  scatterAdd(indices, updates, axis, shape) {
    const places = listOf(indices);
    const outer = sizeOf(shape.slice(0, axis));
    const inner = sizeOf(shape.slice(axis + 1));
    const values = listOf(updates);
    const sums = new Float64Array(sizeOf(shape));
    let next = 0;
    for (let o = 0; o < outer; o++) {
      for (const index of places) {
        for (let i = 0; i < inner; i++) sums[(o * shape[axis]! + index) * inner + i]! += values[next++]!;
      }
    }
    const out = zeroedArray(updates.buffer.dtype, sums.length);
    out.set(sums);
    return wrap(out, updates.buffer.dtype);
  },

  spread(updates, at, windows, shape) {
    const width = windows.shape.at(-1)!;
    const places = listOf(at);
    const values = listOf(updates);
    const sums = new Float64Array(sizeOf(shape));
    const [down, right] = windows.strides.slice(-2) as [number, number];
    let next = 0;
    walk({ shape: windows.shape.slice(0, -2), strides: windows.strides.slice(0, -2), offset: 0 }, (corner) => {
      const place = places[next]!;
      sums[corner + Math.floor(place / width) * down + (place % width) * right]! += values[next++]!;
    });
    const out = zeroedArray(updates.buffer.dtype, sums.length);
    out.set(sums);
    return wrap(out, updates.buffer.dtype);
  },

  sort(x, axis) {
    const last = x.shape.map((_, i) => i).filter((i) => i !== axis);
    const rows = listOf(permute(x, [...last, axis]));
    const n = x.shape[axis]!;
    const values = zeroedArray(x.buffer.dtype, rows.length);
    const order = zeroedArray("int32", rows.length);
    const step = sizeOf(x.shape.slice(axis + 1));
    for (let row = 0; row * n < rows.length; row++) {
      const list = rows.subarray(row * n, (row + 1) * n);
      const ranks = Array.from(list, (_, i) => i).sort((i, j) => compare(list[i]!, list[j]!) || i - j);
      const at = Math.floor(row / step) * n * step + (row % step);
      for (let i = 0; i < n; i++) {
        values[at + i * step] = list[ranks[i]!]!;
        order[at + i * step] = ranks[i]!;
      }
    }
    return { values: wrap(values, x.buffer.dtype), order: wrap(order, "int32") };
  },

  bits(key, length) {
    const out = zeroedArray("int32", length);
    threefry(key, out);
    return wrap(out, "int32");
  },
};

const running = {
  sum: (a: number, b: number) => a + b,
  prod: (a: number, b: number) => a * b,
  max: Math.max,
  min: Math.min,
} as const;

/** Ascending, NaN last. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function fold(by: Reduction, values: Float64Array): number {
  switch (by) {
    case "sum":
      return values.reduce((sum, value) => sum + value, 0);
    case "prod":
      return values.reduce((product, value) => product * value, 1);
    case "max":
      return values.reduce((best, value) => Math.max(best, value), -Infinity);
    case "min":
      return values.reduce((best, value) => Math.min(best, value), Infinity);
    // The first of equals; a NaN beats everything, as in numpy.
    case "argmax":
      return values.reduce((best, value, i) => (beats(value, values[best]!) ? i : best), 0);
    case "argmin":
      return values.reduce((best, value, i) => (beats(-value, -values[best]!) ? i : best), 0);
  }
}

function beats(value: number, best: number): boolean {
  return value > best || (Number.isNaN(value) && !Number.isNaN(best));
}

/** The strided window of `part` at place `at` inside a contiguous array of `shape`. */
function windowOf(shape: Shape, part: Shape, at: Shape): Pick<View, "shape" | "strides" | "offset"> {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  return { shape: part, strides, offset: at.reduce((sum, start, axis) => sum + start * strides[axis]!, 0) };
}
