import type { View } from "../../device.ts";
import type { Engine } from "./engine.ts";
import { copy } from "./kernels/copy.ts";
import { pack } from "./kernels/pack.ts";
import { COLUMNS, product } from "./kernels/product.ts";
import { roundUp } from "./rounding.ts";
import type { Scratch } from "./scratch.ts";
import { type Staged, stage } from "./staging.ts";

const ROWS = 4;
/** Block sizes: a panel of `b` stays in the first-level cache, a block of `a` in the second, one of `b` in the third. */
const DEPTH = 256;
const BLOCK_ROWS = 128;
const BLOCK_COLUMNS = 1024;

/** Contiguous product of `[..., m, k]` and `[..., k, n]`, any strides. */
export function matmul(a: View, b: View, scratch: Scratch): Float32Array {
  const merged = mergeBatch(a, b);
  const [rows, depth] = merged.a.shape.slice(-2) as [number, number];
  const columns = b.shape.at(-1)!;
  const batch = merged.a.shape.slice(0, -2);
  const items = batch.reduce((all, n) => all * n, 1);
  const out = new Float32Array(items * rows * columns);
  if (out.length === 0 || depth === 0) return out;

  const left = stage(merged.a, scratch);
  const right = stage(merged.b, scratch);
  const multiply = new Multiplier(rows, depth, columns, scratch);
  for (let item = 0; item < items; item++) {
    const address = multiply.run(itemOf(left, batch, item), itemOf(right, batch, item));
    const from = address / 4;
    out.set(scratch.floats.subarray(from, from + rows * columns), item * rows * columns);
  }
  return out;
}

/** Takes batch axes over which `b` does not change as further rows of `a`: one large product instead of many. */
function mergeBatch(a: View, b: View): { a: View; b: View } {
  const axis = a.shape.length - 3;
  const [rows, columns] = [axis + 1, axis + 2];
  if (axis < 0) return { a, b };
  const even = a.strides[axis] === a.shape[rows]! * a.strides[rows]! || a.shape[axis] === 1;
  if (!even || (b.strides[axis] !== 0 && b.shape[axis] !== 1)) return { a, b };
  const drop = (list: readonly number[]) => [...list.slice(0, axis), ...list.slice(rows)];
  return mergeBatch(
    {
      ...a,
      shape: [...a.shape.slice(0, axis), a.shape[axis]! * a.shape[rows]!, a.shape[columns]!],
      strides: drop(a.strides),
    },
    { ...b, shape: drop(b.shape), strides: drop(b.strides) },
  );
}

/** One matrix of a staged batch. */
function itemOf(staged: Staged, batch: readonly number[], item: number): Staged {
  let { address } = staged;
  let rest = item;
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    address += (rest % batch[axis]!) * staged.strides[axis]!;
    rest = Math.floor(rest / batch[axis]!);
  }
  return { address, strides: staged.strides.slice(-2) };
}

/** Products of one size, over and over in the same scratch memory. */
class Multiplier {
  readonly #kernels;
  readonly #rows: number;
  readonly #depth: number;
  readonly #columns: number;
  readonly #width: number;
  readonly #a: number;
  readonly #b: number;
  readonly #offsets: number;
  readonly #out: number;

  constructor(rows: number, depth: number, columns: number, scratch: Scratch) {
    this.#kernels = kernelsOf(scratch.engine);
    [this.#rows, this.#depth, this.#columns] = [rows, depth, columns];
    this.#width = roundUp(columns, COLUMNS);
    const deep = Math.min(depth, DEPTH);
    this.#a = scratch.claim(roundUp(Math.min(rows, BLOCK_ROWS), ROWS) * deep * 4);
    this.#b = scratch.claim(roundUp(Math.min(columns, BLOCK_COLUMNS), COLUMNS) * deep * 4);
    this.#out = scratch.claim(roundUp(rows, ROWS) * this.#width * 4);
    this.#offsets = scratch.claim(deep * 4);
    const { integers } = scratch;
    for (let k = 0; k < deep; k++) integers[this.#offsets / 4 + k] = k * COLUMNS * 4;
  }

  /** The address of the contiguous product. */
  run(a: Staged, b: Staged): number {
    const [aRow, aDepth] = a.strides as [number, number];
    const [bDepth, bColumn] = b.strides as [number, number];
    const { copy, packRows, packColumns, product } = this.#kernels;
    for (let j = 0; j < this.#columns; j += BLOCK_COLUMNS) {
      const columns = Math.min(BLOCK_COLUMNS, this.#columns - j);
      for (let k = 0; k < this.#depth; k += DEPTH) {
        const depth = Math.min(DEPTH, this.#depth - k);
        packColumns(this.#b, b.address + k * bDepth + j * bColumn, bColumn, bDepth, columns, depth);
        for (let i = 0; i < this.#rows; i += BLOCK_ROWS) {
          const rows = Math.min(BLOCK_ROWS, this.#rows - i);
          packRows(this.#a, a.address + i * aRow + k * aDepth, aRow, aDepth, rows, depth);
          // biome-ignore format: one line per operand
          product(
            this.#a, this.#b, depth * COLUMNS * 4, this.#offsets,
            this.#out + (i * this.#width + j) * 4, this.#width * 4,
            Math.ceil(rows / ROWS), Math.ceil(columns / COLUMNS), depth, k === 0 ? 0 : 1,
          );
        }
      }
    }
    if (this.#width !== this.#columns) {
      const [from, to] = [this.#width * 4, this.#columns * 4];
      copy(this.#out, 0, 0, to, 4, this.#out, 0, 0, from, 4, 1, 1, this.#rows, this.#columns);
    }
    return this.#out;
  }
}

function kernelsOf(engine: Engine) {
  return engine.kernels("matmul", (fused) => ({
    copy,
    packRows: pack(ROWS),
    packColumns: pack(COLUMNS),
    product: product(ROWS, fused),
  }));
}
