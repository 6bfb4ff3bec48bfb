import { MOST_ROWS } from "../x86/blocks/product.ts";
import type { Engine, Kernel } from "./engine.ts";
import { COLUMNS, product } from "./kernels/product.ts";

/** A matrix product by tiles: its kernel, and the size of a tile. */
export interface Tile {
  readonly rows: number;
  /** A multiple of eight. */
  readonly columns: number;
  readonly product: Kernel;
}

interface Candidate {
  readonly rows: number;
  readonly vectors: number;
  /** Time for a tile and one of its depth, relative to the others. */
  readonly cost: number;
}

/** Vectors of four floats: eight sums just fit what V8 makes of sixteen registers. */
const wasm: readonly Candidate[] = [
  { rows: 4, vectors: 1, cost: 4 },
  { rows: 3, vectors: 1, cost: 3.3 },
  { rows: 2, vectors: 1, cost: 2.7 },
  { rows: 1, vectors: 1, cost: 2.2 },
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

/** The tile for a product in place, by the same measure: rows and vectors. */
export function blockTile(lanes: 8 | 16, rows: number, columns: number): Pick<Candidate, "rows" | "vectors"> {
  return leastOf(
    x86[lanes].filter((tile) => tile.rows <= MOST_ROWS),
    rows,
    columns,
    lanes,
  );
}

function leastOf(candidates: readonly Candidate[], rows: number, columns: number, lanes: number): Candidate {
  const total = ({ rows: r, vectors, cost }: Candidate) =>
    Math.ceil(rows / r) * Math.ceil(columns / (vectors * lanes)) * cost;
  return candidates.reduce((best, next) => (total(next) < total(best) ? next : best));
}

/** The tile that wastes least on a product of so many rows and columns. Every tile gives the same bits. */
export function tileFor(engine: Engine, rows: number, columns: number): Tile {
  const lanes = engine.x86?.lanes ?? COLUMNS;
  const best = leastOf(engine.x86 === null ? wasm : x86[engine.x86.lanes], rows, columns, lanes);
  return { rows: best.rows, columns: best.vectors * lanes, product: kernelOf(engine, best) };
}

function kernelOf(engine: Engine, { rows, vectors }: Candidate): Kernel {
  if (engine.x86 !== null) return engine.x86.product(rows, vectors);
  return engine.kernels(`product${rows}`, (fused) => ({ product: product(rows, fused) })).product;
}
