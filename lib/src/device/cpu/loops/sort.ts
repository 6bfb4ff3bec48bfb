import type { Buffer, TypedArray, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { arrayToFill } from "../arrays.ts";
import { wrap } from "../buffer.ts";
import { permute } from "../plain/walk.ts";
import { rowMajor } from "./move.ts";

/** Elements up to which each is put where it belongs among those before it. */
const FEW = 40;
/** Elements from which counting them by eleven bits at a time pays. */
const MANY = 8192;
const SIGN = -0x80000000;
const LAST = 0x7fffffff;

/** Memory that serves all rows. */
interface Work {
  readonly keys: Int32Array;
  readonly order: Int32Array;
  readonly others: Int32Array;
  readonly otherOrder: Int32Array;
  readonly starts: Int32Array;
}

/**
 * Stable ascending sort of 32-bit numbers along an axis, NaN last: by insertion where a row is short, else digit by digit
 * (Seward 1954).
 */
export function sort(x: View, axis: number): { readonly values: Buffer; readonly order: Buffer } {
  const { dtype } = x.buffer;
  const n = x.shape[axis]!;
  const rest = x.shape.map((_, i) => i).filter((i) => i !== axis);
  const rows = rowMajor(permute(x, [...rest, axis]));
  const values = arrayToFill(dtype, rows.length) as TypedArray;
  const order = arrayToFill("int32", rows.length);
  const step = sizeOf(x.shape.slice(axis + 1));
  const bits = n < MANY ? 8 : 11;
  const [keys, ranks] = [new Int32Array(n), new Int32Array(n)];
  const [others, otherOrder] = [new Int32Array(n), new Int32Array(n)];
  const work = { keys, order: ranks, others, otherOrder, starts: new Int32Array(Math.ceil(32 / bits) << bits) };
  for (let row = 0; row * n < rows.length; row++) {
    const from = row * n;
    keysOf(rows, from, keys);
    for (let i = 0; i < n; i++) ranks[i] = i;
    const sorted = n <= FEW ? insert(keys, ranks) : byDigits(work, bits);
    const at = Math.floor(row / step) * n * step + (row % step);
    for (let i = 0; i < n; i++) {
      const place = sorted[i]!;
      order[at + i * step] = place;
      values[at + i * step] = rows[from + place]!;
    }
  }
  return { values: wrap(values, dtype), order: wrap(order, "int32") };
}

/** Whole numbers in the order of a row's elements: the zeros alike, NaN last. */
function keysOf(rows: TypedArray, from: number, keys: Int32Array): void {
  if (rows instanceof Float32Array) {
    const bits = new Int32Array(rows.buffer, rows.byteOffset, rows.length);
    for (let i = 0; i < keys.length; i++) {
      const value = rows[from + i]!;
      const own = bits[from + i]!;
      keys[i] = value === 0 ? 0 : Number.isNaN(value) ? LAST : own < 0 ? own ^ LAST : own;
    }
  } else for (let i = 0; i < keys.length; i++) keys[i] = rows[from + i]!;
}

function insert(keys: Int32Array, order: Int32Array): Int32Array {
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!;
    const place = order[i]!;
    let to = i;
    for (; to > 0 && keys[to - 1]! > key; to--) {
      keys[to] = keys[to - 1]!;
      order[to] = order[to - 1]!;
    }
    keys[to] = key;
    order[to] = place;
  }
  return order;
}

/** Puts the elements in order of digits of so many bits, from the last to the first; where the order is then. */
function byDigits(work: Work, bits: number): Int32Array {
  const { starts } = work;
  const mask = (1 << bits) - 1;
  count(work.keys, starts, bits);
  let { keys, order, others, otherOrder } = work;
  for (let shift = 0, first = 0; shift < 32; shift += bits, first += mask + 1) {
    // A digit that all have in common changes nothing.
    if (starts[first + (((keys[0]! ^ SIGN) >>> shift) & mask)] === keys.length) continue;
    let next = 0;
    for (let digit = first; digit <= first + mask; digit++) {
      const size = starts[digit]!;
      starts[digit] = next;
      next += size;
    }
    move(keys, order, others, otherOrder, starts, shift, first, mask);
    [keys, others] = [others, keys];
    [order, otherOrder] = [otherOrder, order];
  }
  return order;
}

/** How often each value of each digit occurs. */
function count(keys: Int32Array, counts: Int32Array, bits: number): void {
  const mask = (1 << bits) - 1;
  counts.fill(0);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]! ^ SIGN;
    for (let shift = 0, first = 0; shift < 32; shift += bits, first += mask + 1)
      counts[first + ((key >>> shift) & mask)]!++;
  }
}

function move(
  keys: Int32Array,
  order: Int32Array,
  toKeys: Int32Array,
  toOrder: Int32Array,
  starts: Int32Array,
  shift: number,
  first: number,
  mask: number,
): void {
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const digit = first + (((key ^ SIGN) >>> shift) & mask);
    const to = starts[digit]!;
    starts[digit] = to + 1;
    toKeys[to] = key;
    toOrder[to] = order[i]!;
  }
}
