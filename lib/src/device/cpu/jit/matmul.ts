import type { Shape, View } from "../../device.ts";
import { arrayToFill, zeroedArray } from "../arrays.ts";
import { valuesOf } from "../buffer.ts";
import { offsetsOf } from "../loops/offsets.ts";
import { multiply } from "../x86/blocks/multiply.ts";
import { multiplyMany } from "../x86/blocks/multiply-many.ts";
import type { Matrix } from "../x86/blocks/packing.ts";
import { isAddressable } from "../x86/bounds.ts";
import type { X86Kernels } from "../x86/kernels.ts";
import type { Engine } from "./engine.ts";
import { copy } from "./kernels/copy.ts";
import { pack } from "./kernels/pack.ts";
import { roundUp } from "./rounding.ts";
import type { Scratch } from "./scratch.ts";
import { type Staged, slice, stage } from "./staging.ts";
import { blockTile, type Tile, tileFor } from "./tile.ts";

/** Block sizes, whole tiles but for the rows: a panel of `b` stays in the first-level cache, a block of `a` in the second, one of `b` in the third. */
const DEPTH = 256;
const BLOCK_ROWS = 120;
const BLOCK_COLUMNS = 960;
/** Bytes of packed blocks, at most, and what comes with them. */
const PACKED = 4 * DEPTH * (BLOCK_ROWS + BLOCK_COLUMNS) + 65536;
/** Rows of a product in place at a time: what is kept for its last columns has as many. */
const MOST_LINES = 1 << 14;
/** Rows and columns of a tile, at most. */
const TILE = 64;

/** Contiguous product of `[..., m, k]` and `[..., k, n]`, any strides. */
export function matmul(a: View, b: View, scratch: Scratch): Float32Array {
  const merged = mergeBatch(a, b);
  const length = sizeOf(a.shape.slice(0, -1)) * b.shape.at(-1)!;
  if (length === 0 || a.shape.at(-1) === 0) return zeroedArray("float32", length);
  const out = arrayToFill("float32", length);
  const { x86 } = scratch.engine;
  const arrays = [out, valuesOf(a.buffer), valuesOf(b.buffer)];
  if (x86 === null || !arrays.every(isAddressable)) multiplyInParts(merged.a, merged.b, out, scratch);
  else multiplyInPlace(merged.a, merged.b, out, x86);
  return out;
}

const sizeOf = (shape: Shape) => shape.reduce((product, n) => product * n, 1);

/** Halves the batch, then the rows, until a part fits the memory. */
function multiplyInParts(a: View, b: View, out: Float32Array, scratch: Scratch): void {
  const { mark } = scratch;
  const product = (a.shape.at(-2)! + TILE) * (b.shape.at(-1)! + TILE);
  const bytes = 4 * (2 * sizeOf(a.shape) + 2 * sizeOf(b.shape) + product) + PACKED;
  const axis = a.shape.slice(0, -1).findIndex((n) => n > 1);
  if (bytes <= scratch.capacity || axis === -1) {
    multiplyBatch(a, b, out, scratch);
  } else {
    const n = a.shape[axis]!;
    const middle = n >> 1;
    const isBatch = axis < a.shape.length - 2;
    const cut = (out.length / n) * middle;
    for (const [from, to] of [[0, middle] as const, [middle, n] as const]) {
      const part = isBatch ? slice(b, axis, from, to) : b;
      multiplyInParts(slice(a, axis, from, to), part, from === 0 ? out.subarray(0, cut) : out.subarray(cut), scratch);
    }
  }
  scratch.rewind(mark);
}

function multiplyBatch(a: View, b: View, out: Float32Array, scratch: Scratch): void {
  const batch = a.shape.slice(0, -2);
  const [rows, depth, columns] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
  const left = stage(a, scratch);
  const right = stage(b, scratch);
  const multiply = new Multiplier(rows, depth, columns, scratch);
  const { floats } = scratch;
  for (let item = 0; item < sizeOf(batch); item++) {
    const from = multiply.run(itemOf(left, batch, item), itemOf(right, batch, item)) / 4;
    out.set(floats.subarray(from, from + rows * columns), item * rows * columns);
  }
}

const atZero = new Int32Array(1);

/** In machine code, on the arrays themselves. */
function multiplyInPlace(a: View, b: View, out: Float32Array, x86: X86Kernels): void {
  const { blocks, batches, packing } = x86;
  const batch = a.shape.slice(0, -2);
  const size = { rows: a.shape.at(-2)!, depth: a.shape.at(-1)!, columns: b.shape.at(-1)! };
  const tile = blockTile(blocks.lanes, size.rows, size.columns, size.depth);
  const matrix = ({ buffer, offset, strides }: View): Matrix => {
    const [row, column] = [strides.at(-2)!, strides.at(-1)!];
    return { values: valuesOf(buffer) as Float32Array, start: offset, row, column };
  };
  const [left, right] = [matrix(a), matrix(b)];
  const startsOf = ({ strides }: View) => (batch.length === 0 ? atZero : offsetsOf(batch, strides.slice(0, -2)));
  const [leftStarts, rightStarts] = [startsOf(a), startsOf(b)];
  if (leftStarts.length > 1) {
    const [starts, others] = [leftStarts, rightStarts].map((list, i) => list.map((s) => s + [left, right][i]!.start));
    const [a, b] = [
      { ...left, starts: starts! },
      { ...right, starts: others! },
    ];
    if (multiplyMany(batches, packing, blocks.lanes, tile, a, b, out, size)) {
      packing.release();
      return;
    }
  }
  const width = tile.vectors * blocks.lanes;
  for (let item = 0; item < leftStarts.length; item++) {
    const factor = { ...right, start: right.start + rightStarts[item]! };
    const packed = packing.right(blocks, factor, size.depth, size.columns, width);
    const to = item * size.rows * size.columns;
    for (let row = 0; row < size.rows; row += MOST_LINES) {
      const part = { ...left, start: left.start + leftStarts[item]! + row * left.row };
      const place = { values: out, start: to + row * size.columns };
      multiply(blocks, packing, tile, part, packed, place, { ...size, rows: Math.min(MOST_LINES, size.rows - row) });
    }
  }
  packing.release();
}

/** Takes batch axes over which `b` does not change as further rows of `a`: one large product instead of many. */
function mergeBatch(a: View, b: View): { a: View; b: View } {
  const axis = a.shape.length - 3;
  const [rows, columns] = [axis + 1, axis + 2];
  if (axis < 0) return { a, b };
  const rowStride = a.strides[a.shape[rows] === 1 ? axis : rows]!;
  const even = a.strides[axis] === a.shape[rows]! * rowStride || a.shape[axis] === 1;
  if (!even || (b.strides[axis] !== 0 && b.shape[axis] !== 1)) return { a, b };
  const drop = (list: readonly number[]) => [...list.slice(0, axis), ...list.slice(rows)];
  return mergeBatch(
    {
      ...a,
      shape: [...a.shape.slice(0, axis), a.shape[axis]! * a.shape[rows]!, a.shape[columns]!],
      strides: [...a.strides.slice(0, axis), rowStride, a.strides[columns]!],
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
  readonly #tile: Tile;
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
    const tile = tileFor(scratch.engine, rows, columns);
    this.#tile = tile;
    this.#kernels = kernelsOf(scratch.engine, tile);
    [this.#rows, this.#depth, this.#columns] = [rows, depth, columns];
    this.#width = roundUp(columns, tile.columns);
    const deep = Math.min(depth, DEPTH);
    this.#a = scratch.claim(roundUp(Math.min(rows, BLOCK_ROWS), tile.rows) * deep * 4);
    this.#b = scratch.claim(roundUp(Math.min(columns, BLOCK_COLUMNS), tile.columns) * deep * 4);
    this.#out = scratch.claim(roundUp(rows, tile.rows) * this.#width * 4);
    this.#offsets = scratch.claim(deep * 4);
    const { integers } = scratch;
    for (let k = 0; k < deep; k++) integers[this.#offsets / 4 + k] = k * tile.columns * 4;
  }

  /** The address of the contiguous product. */
  run(a: Staged, b: Staged): number {
    const [aRow, aDepth] = a.strides as [number, number];
    const [bDepth, bColumn] = b.strides as [number, number];
    const { copy, packRows, packColumns } = this.#kernels;
    const { product, ...tile } = this.#tile;
    const blockRows = BLOCK_ROWS - (BLOCK_ROWS % tile.rows);
    for (let j = 0; j < this.#columns; j += BLOCK_COLUMNS) {
      const columns = Math.min(BLOCK_COLUMNS, this.#columns - j);
      for (let k = 0; k < this.#depth; k += DEPTH) {
        const depth = Math.min(DEPTH, this.#depth - k);
        packColumns(this.#b, b.address + k * bDepth + j * bColumn, bColumn, bDepth, columns, depth);
        for (let i = 0; i < this.#rows; i += blockRows) {
          const rows = Math.min(blockRows, this.#rows - i);
          packRows(this.#a, a.address + i * aRow + k * aDepth, aRow, aDepth, rows, depth);
          // biome-ignore format: one line per operand
          product(
            this.#a, this.#b, depth * tile.columns * 4, this.#offsets,
            this.#out + (i * this.#width + j) * 4, this.#width * 4,
            Math.ceil(rows / tile.rows), Math.ceil(columns / tile.columns), depth, k === 0 ? 0 : 1,
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

function kernelsOf(engine: Engine, { rows, columns }: Tile) {
  return engine.kernels(`matmul${rows}×${columns}`, () => ({
    copy,
    packRows: pack(rows),
    packColumns: pack(columns),
  }));
}
