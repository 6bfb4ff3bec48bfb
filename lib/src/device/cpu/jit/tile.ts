import { MOST_ROWS } from "../x86/blocks/product.ts";
import type { Engine, Kernel } from "./engine.ts";
import { product } from "./kernels/product.ts";

/** A matrix product by tiles: its kernel, and the size of a tile. */
export interface Tile {
  readonly rows: number;
  /** A multiple of four. */
  readonly columns: number;
  readonly product: Kernel;
}

export interface Candidate {
  readonly rows: number;
  readonly vectors: number;
  /** Time for a tile and one of its depth, relative to the others. */
  readonly cost: number;
}

/** Vectors of four floats: eight sums just fit what V8 makes of sixteen registers. */
const wasm: readonly Candidate[] = [
  { rows: 4, vectors: 2, cost: 4 },
  { rows: 3, vectors: 3, cost: 4.6 },
  { rows: 3, vectors: 2, cost: 3.3 },
  { rows: 2, vectors: 4, cost: 4.7 },
  { rows: 2, vectors: 2, cost: 2.7 },
  { rows: 1, vectors: 2, cost: 2.2 },
];

/**
 * Machine code: sums, a row of `b` and a factor fit the registers. Two multiplications begin in a cycle and two loads,
 * and a sum is ready for its next one after four.
 */
const inMachineCode = (registers: number): readonly Candidate[] =>
  [1, 2, 3, 4].flatMap((vectors) =>
    Array.from({ length: Math.floor((registers - 1) / vectors) - 1 }, (_, i) => i + 1).map((rows) => ({
      rows,
      vectors,
      cost: Math.max(4, (rows * vectors) / 2, (rows + vectors) / 2) + 0.5,
    })),
  );

/** Of AVX2, whose vectors have eight floats, and of AVX-512, which has twice as many and twice as long ones. */
const x86 = { 8: inMachineCode(16), 16: inMachineCode(32) };

const inBlocks = {
  8: x86[8].filter((tile) => tile.rows <= MOST_ROWS),
  16: x86[16].filter((tile) => tile.rows <= MOST_ROWS),
};
/** Another call, for rows or columns that fill no tile, in the measure of {@link Candidate} for one of the depth. */
const CALL = 6000;
const mostChosen = 1024;
const chosen = new Map<string, Candidate>();

/**
 * The tile for a product in place, by the same measure: rows and vectors; with the calls that broken tiles take, where a
 * depth is said.
 */
export function blockTile(lanes: 8 | 16, rows: number, columns: number, depth = Number.POSITIVE_INFINITY): Candidate {
  const key = `${lanes} ${rows} ${columns} ${depth}`;
  let tile = chosen.get(key);
  if (tile === undefined) {
    tile = leastOf(inBlocks[lanes], rows, columns, lanes, CALL / depth);
    if (chosen.size >= mostChosen) chosen.clear();
    chosen.set(key, tile);
  }
  return tile;
}

function leastOf(candidates: readonly Candidate[], rows: number, columns: number, lanes: number, call = 0): Candidate {
  const total = ({ rows: r, vectors, cost }: Candidate) => {
    const width = vectors * lanes;
    const calls = (rows % r > 0 && rows > r ? 1 : 0) + (columns % width > 0 ? 1 : 0);
    return Math.ceil(rows / r) * Math.ceil(columns / width) * cost + calls * call;
  };
  return candidates.reduce((best, next) => (total(next) < total(best) ? next : best));
}

/** The tile that wastes least on a product of so many rows and columns. Every tile gives the same bits. */
export function tileFor(engine: Engine, rows: number, columns: number): Tile {
  const lanes = engine.x86?.lanes ?? 4;
  const best = leastOf(engine.x86 === null ? wasm : x86[engine.x86.lanes], rows, columns, lanes);
  return { rows: best.rows, columns: best.vectors * lanes, product: kernelOf(engine, best) };
}

function kernelOf(engine: Engine, { rows, vectors }: Candidate): Kernel {
  if (engine.x86 !== null) return engine.x86.product(rows, vectors);
  return engine.kernels(`product${rows}×${vectors}`, (fused) => ({ product: product(rows, vectors, fused) })).product;
}
