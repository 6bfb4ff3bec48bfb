import type { Batches } from "./batches.ts";
import type { TileSize } from "./multiply.ts";
import { DEPTH, FAR, type Matrix, type Packing, SMALL } from "./packing.ts";

/** Multiplications of one product from which products are done one after another, each by all threads. */
const LARGE = 1 << 22;
/** Floats of packed right factors at a time: they stay in the second-level cache. */
const HELD = 1 << 17;

/** A matrix for each item of a batch. */
type Matrices = Omit<Matrix, "start"> & { readonly starts: Int32Array };

/**
 * Products of many small matrices, contiguous one after another from the beginning of `out` on, to the bits of
 * {@link multiply}; false where they are to be done one by one.
 */
export function multiplyMany(
  batches: Batches,
  packing: Packing,
  lanes: number,
  tile: TileSize,
  a: Matrices,
  b: Matrices,
  out: Float32Array,
  { rows, depth, columns }: { readonly rows: number; readonly depth: number; readonly columns: number },
): boolean {
  const width = tile.vectors * lanes;
  const panels = columns / width;
  if (!Number.isInteger(panels) || depth > DEPTH || rows * depth * columns >= LARGE) return false;
  if (panels >= 4 && Math.max(Math.abs(a.row), Math.abs(a.column)) >= FAR) return false;
  const asItLies = b.column === 1 && depth * columns <= SMALL;
  if (!asItLies && b.column !== 1 && (b.row !== 1 || depth % 8 > 0)) return false;
  const items = a.starts.length;
  const some = asItLies ? items : Math.max(1, Math.floor(HELD / (depth * columns)));
  for (let first = 0; first < items; first += some) {
    const end = Math.min(first + some, items);
    const starts = Int32Array.from({ length: end - first }, (_, i) => (first + i) * rows * columns);
    const right = asItLies
      ? { values: b.values, starts: b.starts.subarray(first, end), panel: width, depth: b.row }
      : packed(batches, packing, { ...b, starts: b.starts.subarray(first, end) }, depth, columns, width);
    const left = { values: a.values, row: a.row, depth: a.column };
    const whole = rows - (rows % tile.rows);
    for (const [row, height, tiles] of [
      [0, tile.rows, whole / tile.rows],
      [whole, rows - whole, 1],
    ] as const) {
      if (height === 0 || tiles === 0) continue;
      batches.product(
        { rows: height, vectors: tile.vectors },
        { ...left, starts: a.starts.subarray(first, end).map((start) => start + row * a.row) },
        right,
        { values: out, starts: starts.map((start) => start + row * columns), row: columns },
        { tiles, panels, depth },
      );
    }
  }
  return true;
}

/** Right factors in panels as wide as a tile, one after another. */
function packed(batches: Batches, packing: Packing, b: Matrices, depth: number, columns: number, width: number) {
  const values = packing.room(b.starts.length * depth * columns);
  const panel = depth * width;
  const starts = b.starts.map((_, i) => i * depth * columns);
  if (b.column === 1)
    batches.move(
      "copy",
      { values: b.values, starts: b.starts, row: b.row, block: width },
      { values, starts, row: width, block: panel },
      { blocks: columns / width, rows: depth, width },
    );
  else {
    // Of every panel the columns from `inside` on, eight at a time.
    const each = width / 8;
    const spread = (list: Int32Array, step: number) =>
      Int32Array.from({ length: list.length * each }, (_, i) => list[Math.floor(i / each)]! + (i % each) * 8 * step);
    batches.move(
      "turn",
      { values: b.values, starts: spread(b.starts, b.column), row: b.column, block: width * b.column },
      { values, starts: spread(starts, 1), row: width, block: panel },
      { blocks: columns / width, rows: 8, width: depth },
    );
  }
  return { values, starts, panel, depth: width };
}
