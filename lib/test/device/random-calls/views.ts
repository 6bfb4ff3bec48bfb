import { wrap } from "../../../src/device/cpu/buffer.ts";
import type { DType, Shape, TypedArray, View } from "../../../src/device/device.ts";
import { guardedArray } from "./guarded/guard.ts";
import type { Random } from "./random.ts";

/** What numbers are like: ordinary ones, with special ones among them, or of all magnitudes. */
export type Kind = "tame" | "special" | "wild";

const LENGTH = 1 << 15;
const special = [0, -0, 1, -1, 0.5, -2.5, 2 ** -149, -(2 ** -140), 1e-39, Number.NaN, Infinity, -Infinity];
const extreme = [3.4e38, -3.4e38, 2 ** -126, -(2 ** -149), 16777217, 88.8, -103.98, 1e30, -1e-30, 2 ** 31, -(2 ** 31)];
const whole = [0, 1, -1, 2, 7, -7, 46341, 2147483647, -2147483648, 16777217];

/** Random values to take from, made once. */
function lot(dtype: DType, kind: Kind): TypedArray {
  let state = 12345;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const pick = (list: readonly number[]) => list[Math.floor(next() * list.length)]!;
  const float = () => {
    const usual = (next() - 0.5) * 6;
    if (kind === "tame") return next() < 0.1 ? Math.round(usual) : usual;
    if (kind === "special") return next() < 0.2 ? pick(special) : usual;
    return next() < 0.5 ? pick([...special, ...extreme]) : usual * 10 ** Math.floor((next() - 0.5) * 76);
  };
  const integer = () => (kind === "tame" ? Math.floor(next() * 19) - 9 : next() < 0.3 ? pick(whole) : next() * 2 ** 32);
  switch (dtype) {
    case "bool":
      return Uint8Array.from({ length: LENGTH }, () => Number(next() < 0.5));
    case "int32":
      return Int32Array.from({ length: LENGTH }, integer);
    case "float32":
      return Float32Array.from({ length: LENGTH }, float);
    case "float64":
      return Float64Array.from({ length: LENGTH }, float);
  }
}
const lots = new Map<string, TypedArray>();

/** A guarded array of random values. */
export function values(random: Random, dtype: DType, length: number, kind: Kind): TypedArray {
  const key = `${dtype} ${kind}`;
  const from = lots.get(key) ?? lot(dtype, kind);
  lots.set(key, from);
  const array = guardedArray(dtype, length, false);
  for (let to = 0; to < length; to += LENGTH / 2) {
    const start = random.below(LENGTH / 2);
    array.set(from.subarray(start, start + Math.min(LENGTH / 2, length - to)), to);
  }
  return array;
}

export const sizeOf = (shape: Shape) => shape.reduce((product, n) => product * n, 1);
export const rowMajor = (shape: Shape) => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** One of the sizes of an axis: nothing, one, and all that tails are made of. */
export function size(random: Random, most = 67): number {
  const draw = random.next();
  if (draw < 0.02) return 0;
  if (draw < 0.12) return 1;
  return draw < 0.5 ? random.within(1, Math.min(9, most)) : random.within(1, most);
}

/** A shape of so many axes and at most so many elements. */
export function shape(random: Random, rank: number, most: number, largest = 67): number[] {
  const sizes: number[] = [];
  let left = most;
  for (let axis = 0; axis < rank; axis++) {
    const n = size(random, Math.max(1, Math.min(largest, left)));
    sizes.push(n);
    left = Math.floor(left / Math.max(1, n));
  }
  // Long axes may come first or last.
  return random.chance(0.5) ? sizes.reverse() : sizes;
}

interface Lies {
  readonly dtype?: DType;
  readonly kind?: Kind;
  /** Whether axes may have stride 0. */
  readonly repeats?: boolean;
}

/** A view of a shape with random strides onto a random array with guards. */
export function view(
  random: Random,
  shape: Shape,
  { dtype = "float32", kind = "tame", repeats = true }: Lies = {},
): View {
  const order = shape.map((_, axis) => axis);
  const isPlain = random.chance(0.4);
  if (!isPlain && random.chance(0.5))
    for (let i = order.length - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
  const strides = shape.map(() => 0);
  let [step, least] = [1, 0];
  for (const axis of order.reverse()) {
    const n = shape[axis]!;
    if (!isPlain && repeats && random.chance(0.12)) continue;
    if (!isPlain && random.chance(0.15)) step *= random.within(2, 3);
    const backwards = !isPlain && random.chance(0.12);
    strides[axis] = backwards ? -step : step;
    if (backwards) least -= Math.max(0, n - 1) * step;
    step = step * Math.max(1, n) + (!isPlain && random.chance(0.15) ? random.within(1, 5) : 0);
  }
  if (isPlain && repeats && random.chance(0.1)) strides.fill(0);
  const before = random.chance(0.5) ? 0 : random.below(9);
  let reach = 1;
  shape.forEach((n, axis) => {
    reach += Math.max(0, n - 1) * Math.abs(strides[axis]!);
  });
  if (shape.includes(0)) reach = 0;
  const offset = before - (shape.includes(0) ? 0 : least);
  const length = before + reach + (random.chance(0.5) ? 0 : random.below(9));
  return { buffer: wrap(values(random, dtype, length, kind), dtype), shape, strides, offset };
}

/** A view of whole numbers from `least` to `most`. */
export function indices(random: Random, shape: Shape, least: number, most: number): View {
  const found = view(random, shape, { dtype: "int32" });
  const { values } = found.buffer as unknown as { readonly values: Int32Array };
  for (let i = 0; i < values.length; i++) values[i] = random.within(least, most);
  return found;
}
