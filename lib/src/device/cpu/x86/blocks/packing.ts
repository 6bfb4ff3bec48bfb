import { arrayToFill, giveBack } from "../../arrays.ts";
import type { Blocks, Place } from "./blocks.ts";

/** A matrix in memory: steps from a row to the next, and from a column to the next, in floats. */
export interface Matrix extends Place {
  readonly row: number;
  readonly column: number;
}

/** Of the depth, at a time: the sums of one such part are added up, then added to those of the parts before. */
export const DEPTH = 256;
/** Rows and columns that are transposed at a time. */
export const SIDE = 8;
/** A part of a right factor, {@link DEPTH} deep at most, in panels as wide as a tile. */
export type Part = Place & { readonly panel: number; readonly depth: number };

/** A right factor: its parts, one after another in depth. The last one that was asked for is there until the next. */
export type PackedMatrix = (part: number) => Part;

/** Rows so far apart, in floats, crowd a few places of the caches when they are as many as a block's. */
export const FAR = 513;
/** A right factor of so many floats is read as it lies, if it can be. */
export const SMALL = 4096;
/** A right factor of fewer floats is packed as fast as it is looked up; one of more takes too much memory to keep. */
const KEPT = [1 << 12, 1 << 19] as const;
const MOST_KEPT = 4;
/** Floats for factors that are not kept. */
const MOST_HELD = 1 << 23;
const MOST_SEEN = 8;

/** A right factor that has come before, and, from its second time on, packed. */
interface Seen {
  readonly key: string;
  /** What stands for its array, which nothing here keeps alive. */
  readonly token: object;
  packed: Kept | null;
}

/** A packed factor, and the memory that it is in. */
interface Kept {
  readonly values: Float32Array;
  readonly matrix: PackedMatrix;
}

/** Memory for packed factors, used again and again. */
export class Packing {
  /** The last ones first. */
  readonly #seen: Seen[] = [];
  /** Not weak references: one that was made or asked keeps its array until all promises have been dealt with. */
  readonly #tokens = new WeakMap<Float32Array, object>();
  #right = new Float32Array(0);
  #left = new Float32Array(0);

  /** The right factor `[depth, columns]` for tiles of so many columns. */
  right(blocks: Blocks, b: Matrix, depth: number, columns: number, width: number): PackedMatrix {
    const panels = Math.ceil(columns / width);
    if (b.column === 1 && columns % width === 0 && depth * columns <= SMALL) {
      const starts = Array.from({ length: Math.ceil(depth / DEPTH) }, (_, i) => b.start + i * DEPTH * b.row);
      return (part) => ({ values: b.values, start: starts[part]!, panel: width, depth: b.row });
    }
    const floats = depth * panels * width;
    const seen =
      floats < KEPT[0] || floats > KEPT[1]
        ? undefined
        : this.#lookUp(b, `${b.start} ${b.row} ${b.column} ${depth} ${columns} ${width}`);
    // Values never change, so that what is packed stays right for as long as the array lives.
    if (seen !== undefined) {
      seen.packed ??= packAll(blocks, b, depth, columns, width, panels);
      return seen.packed.matrix;
    }
    const values = this.room(Math.min(depth, DEPTH) * panels * width);
    let [last, part] = [-1, undefined as Part | undefined];
    return (number) => {
      if (part === undefined || number !== last) part = pack(blocks, b, values, 0, number, depth, columns, width);
      last = number;
      return part;
    };
  }

  /** Memory for right factors that are not kept. */
  room(floats: number): Float32Array {
    if (this.#right.length < floats) this.#right = new Float32Array(floats);
    return this.#right;
  }

  /** What is known of a factor that has come before; one that comes for the first time is noted. */
  #lookUp({ values }: Matrix, key: string): Seen | undefined {
    const token = this.#tokens.get(values) ?? {};
    this.#tokens.set(values, token);
    const known = this.#seen.findIndex((one) => one.key === key && one.token === token);
    const one = known < 0 ? { key, token, packed: null } : this.#seen.splice(known, 1)[0]!;
    this.#seen.unshift(one);
    for (const old of this.#seen.slice(MOST_KEPT)) {
      if (old.packed !== null) giveBack(old.packed.values);
      old.packed = null;
    }
    this.#seen.length = Math.min(this.#seen.length, MOST_SEEN);
    return known < 0 ? undefined : one;
  }

  /** Lets go of memory that few programs need again. */
  release(): void {
    if (this.#right.length > MOST_HELD) this.#right = new Float32Array(0);
  }

  /** A block of the left factor: where it lies, or a copy where its rows would be in each other's way. */
  left(blocks: Blocks, a: Matrix, row: number, rows: number, depth: number, deep: number, panels: number): Matrix {
    const start = a.start + row * a.row + depth * a.column;
    if (!isMoved(a, panels)) return { values: a.values, start, row: a.row, column: a.column };
    const byRow = a.column === 1;
    const turns = !byRow && rows % SIDE === 0 && deep % SIDE === 0;
    const [count, width] = byRow || turns ? [rows, deep] : [deep, rows];
    // A little more than the width, so that rows begin at different places of the cache.
    const step = width + 16;
    if (this.#left.length < count * step) this.#left = new Float32Array(count * step);
    const from = { values: a.values, start, row: byRow ? a.row : a.column, block: SIDE * a.column };
    const to = { values: this.#left, start: 0, row: step, block: SIDE };
    // Columns become rows where they can: a tile reads a line of the cache to its end then.
    if (turns) blocks.turn(from, to, { blocks: deep / SIDE, width: rows });
    else blocks.copy({ ...from, block: 0 }, { ...to, block: 0 }, { blocks: 1, rows: count, width });
    return { values: this.#left, start: 0, row: byRow || turns ? step : 1, column: byRow || turns ? 1 : step };
  }
}

/** Whether blocks of a left factor are copied before they meet so many panels. */
export function isMoved({ row, column }: Matrix, panels: number): boolean {
  return panels >= 4 && Math.max(Math.abs(row), Math.abs(column)) >= FAR && (row === 1 || column === 1);
}

/** All parts of a factor, in memory of their own. */
function packAll(blocks: Blocks, b: Matrix, depth: number, columns: number, width: number, panels: number): Kept {
  const values = arrayToFill("float32", depth * panels * width);
  const parts = Array.from({ length: Math.ceil(depth / DEPTH) }, (_, number) =>
    pack(blocks, b, values, number * DEPTH * panels * width, number, depth, columns, width),
  );
  return { values, matrix: (number) => parts[number]! };
}

function pack(
  blocks: Blocks,
  b: Matrix,
  values: Float32Array,
  start: number,
  number: number,
  depth: number,
  columns: number,
  width: number,
): Part {
  const deep = Math.min(DEPTH, depth - number * DEPTH);
  const panel = deep * width;
  const from = { ...b, start: b.start + number * DEPTH * b.row };
  if (b.column === 1) copyPanels(blocks, from, values, start, panel, deep, columns, width);
  else if (b.row === 1) turnPanels(blocks, from, values, start, panel, deep, columns, width);
  else one(from, values, start, panel, { rows: [0, deep], columns: [0, columns] }, width);
  return { values, start, panel, depth: width };
}

function copyPanels(
  blocks: Blocks,
  b: Matrix,
  values: Float32Array,
  start: number,
  panel: number,
  deep: number,
  columns: number,
  width: number,
): void {
  const whole = Math.floor(columns / width);
  const rest = columns - whole * width;
  const to = { values, start, row: width, block: panel };
  if (whole > 0) blocks.copy({ ...b, block: width }, to, { blocks: whole, rows: deep, width });
  if (rest > 0) {
    const from = { ...b, start: b.start + whole * width, block: 0 };
    blocks.copy(from, { ...to, start: start + whole * panel }, { blocks: 1, rows: deep, width: rest });
  }
}

function turnPanels(
  blocks: Blocks,
  b: Matrix,
  values: Float32Array,
  start: number,
  panel: number,
  deep: number,
  columns: number,
  width: number,
): void {
  const even = deep - (deep % SIDE);
  const whole = columns - (columns % SIDE);
  if (even > 0)
    for (let inside = 0; inside < width; inside += SIDE) {
      // Every panel's columns from `inside` on, a side at a time.
      const count = Math.ceil((whole - inside) / width);
      if (count <= 0) continue;
      const from = { values: b.values, start: b.start + inside * b.column, row: b.column, block: width * b.column };
      blocks.turn(from, { values, start: start + inside, row: width, block: panel }, { blocks: count, width: even });
    }
  one(b, values, start, panel, { rows: [even, deep], columns: [0, whole] }, width);
  one(b, values, start, panel, { rows: [0, deep], columns: [whole, columns] }, width);
}

/** Element by element. */
function one(
  b: Matrix,
  values: Float32Array,
  start: number,
  panel: number,
  { rows, columns }: { readonly rows: readonly [number, number]; readonly columns: readonly [number, number] },
  width: number,
): void {
  for (let j = columns[0]; j < columns[1]; j++) {
    const to = start + Math.floor(j / width) * panel + (j % width);
    const from = b.start + j * b.column;
    for (let k = rows[0]; k < rows[1]; k++) values[to + k * width] = b.values[from + k * b.row]!;
  }
}
