import type { Blocks, Place } from "./blocks.ts";
import { DEPTH, isMoved, type Matrix, type PackedMatrix, type Packing, type Part, SIDE } from "./packing.ts";

/** Rows at a time, about, so that their part of `a` stays in the second-level cache. */
const ROWS = 160;

/** Rows and columns of a tile, and the floats in a vector. */
export interface TileSize {
  readonly rows: number;
  readonly vectors: number;
}

/** The least number that both divide. */
function leastMultiple(a: number, b: number): number {
  let multiple = a;
  while (multiple % b !== 0) multiple += a;
  return multiple;
}

let edge = new Float32Array(0);

/**
 * `out = a × b`, contiguous from its place on: `a` as it lies, `b` packed for the tile. Tiles that `out` has no room for go
 * to other memory first.
 */
export function multiply(
  blocks: Blocks,
  packing: Packing,
  tile: TileSize,
  a: Matrix,
  b: PackedMatrix,
  out: Place,
  { rows, depth, columns }: { readonly rows: number; readonly depth: number; readonly columns: number },
): void {
  const width = tile.vectors * blocks.lanes;
  const panels = Math.floor(columns / width);
  const rest = columns - panels * width;
  if (rest > 0 && edge.length < rows * width) edge = new Float32Array(rows * width);
  const even = Math.ceil(rows / Math.ceil(rows / ROWS));
  const total = panels + Math.sign(rest);
  // Whole tiles; where columns are to become rows first, whole sides of what is transposed, too, if few make a block.
  const sides = leastMultiple(tile.rows, SIDE);
  const turns = rows > ROWS && a.column !== 1 && isMoved(a, total) && 3 * sides <= ROWS + SIDE;
  const unit = turns ? sides : tile.rows;
  const blockRows = even + ((unit - (even % unit)) % unit);
  for (let k = 0; k < depth; k += DEPTH) {
    const deep = Math.min(DEPTH, depth - k);
    const part = b(k / DEPTH);
    for (let i = 0; i < rows; i += blockRows) {
      const some = Math.min(blockRows, rows - i);
      const left = packing.left(blocks, a, i, some, k, deep, total);
      const whole = some - (some % tile.rows);
      if (whole > 0) tiles(left, part, i, 0, tile.rows, whole / tile.rows, deep, k > 0);
      if (whole < some) tiles(left, part, i, whole, some - whole, 1, deep, k > 0);
    }
  }
  if (rest === 0) return;
  const from = { values: edge, start: 0, row: width, block: 0 };
  const to = { values: out.values, start: out.start + panels * width, row: columns, block: 0 };
  blocks.copy(from, to, { blocks: 1, rows, width: rest });

  /** Some tiles of a block, from its row `first` on, in all columns. */
  function tiles(
    left: Matrix,
    part: Part,
    block: number,
    first: number,
    height: number,
    count: number,
    deep: number,
    accumulate: boolean,
  ): void {
    const shape = { rows: height, vectors: tile.vectors };
    const factor = { values: left.values, start: left.start + first * left.row, row: left.row, depth: left.column };
    const at = block + first;
    if (panels > 0) {
      const to = { values: out.values, start: out.start + at * columns, row: columns };
      blocks.product(shape, factor, part, to, { tiles: count, panels, depth: deep, accumulate });
    }
    if (rest > 0) {
      const last = {
        values: part.values,
        start: part.start + panels * part.panel,
        panel: part.panel,
        depth: part.depth,
      };
      const to = { values: edge, start: at * width, row: width };
      blocks.product(shape, factor, last, to, { tiles: count, panels: 1, depth: deep, accumulate });
    }
  }
}
