import { arrayToFill } from "../../arrays.ts";
import { copy } from "../kernels/copy.ts";
import { pack } from "../kernels/pack.ts";
import { roundUp } from "../rounding.ts";
import type { Scratch } from "../scratch.ts";
import { slice, stage } from "../staging.ts";
import { tileFor } from "../tile.ts";
import { planAxis } from "./geometry.ts";
import { PhasePair } from "./phase-pair.ts";
import { Planes } from "./planes.ts";
import { outputLength, type Problem } from "./problem.ts";

/** Floats of images and results that are staged at a time: about the second-level cache. */
const CHUNK = 1 << 16;
/**
 * Time per row of a tile of the WebAssembly kernel, by the number of its rows, relative to the tallest. In machine code
 * they are others, but the way to convolve, and so the bits, are the same with both.
 */
const COLUMNS = 8;
const COST_OF_ROW = [Number.POSITIVE_INFINITY, 2.2, 1.35, 1.1, 1];

/** The height of tile that wastes least on `rows` rows, and what the rows then cost in all. */
function bestTile(rows: number): { height: number; cost: number } {
  const all = [4, 3, 2, 1].map((height) => ({ height, cost: roundUp(rows, height) * COST_OF_ROW[height]! }));
  return all.reduce((best, next) => (next.cost < best.cost ? next : best));
}

/** Multiplications, about, with those that tiles waste, where inputs are not dilated. */
export function shiftedCost(p: Problem): number {
  const { stride, dilation, outputs, taps } = p.columns;
  const width = outputs + Math.floor(((taps - 1) * dilation) / stride);
  const positions = roundUp((p.rows.outputs - 1) * width + outputs, COLUMNS);
  return p.batch * p.groups * bestTile(p.filtersPerGroup).cost * p.channels * p.rows.taps * taps * positions;
}

/**
 * Convolution as a matrix product whose right side is the padded image itself: seen as one run of memory, output
 * `p = row · width + column` reads `x[p + offset]` for every tap, so nothing is gathered or packed.
 * Whole padded rows are computed; what falls between two rows of the result is left behind.
 */
export function convolveShifted(p: Problem, scratch: Scratch): Float32Array {
  const [rows, columns] = [planAxis(p.rows), planAxis(p.columns)];
  const positions = (p.rows.outputs - 1) * columns.length + p.columns.outputs;
  const tile = tileFor(scratch.engine, p.filtersPerGroup, positions);
  const kernels = scratch.engine.kernels(`convolution${tile.rows}`, () => ({ copy, pack: pack(tile.rows) }));
  const channels = p.groups * p.channels;
  const image = new Planes(1, channels, rows, columns, scratch);
  const setting = { problem: p, rows, columns, image, tile, kernels };
  const filters = stage(p.filters, scratch);
  const pairs = rows.phases.flatMap((row) =>
    columns.phases.map((column) => new PhasePair(setting, row, column, filters, scratch)),
  );
  const widest = pairs.reduce((most, pair) => Math.max(most, pair.resultBytes), 0);
  const result = scratch.claim(widest);

  const out = arrayToFill("float32", outputLength(p));
  const outFloats = out.length / p.batch;
  const perChunk = Math.max(1, Math.floor(CHUNK / (channels * p.rows.inputs * p.columns.inputs + outFloats)));
  const target = scratch.claim(Math.min(perChunk, p.batch) * outFloats * 4);
  const { mark } = scratch;
  for (let first = 0; first < p.batch; first += perChunk) {
    const images = Math.min(perChunk, p.batch - first);
    const staged = stage(slice(p.x, 0, first, first + images), scratch);
    for (let i = 0; i < images; i++) {
      image.fill(
        { address: staged.address + i * staged.strides[0]!, strides: staged.strides },
        1,
        channels,
        kernels.copy,
      );
      for (const pair of pairs) pair.run(result, target + i * outFloats * 4);
    }
    out.set(scratch.floats.subarray(target / 4, target / 4 + images * outFloats), first * outFloats);
    scratch.rewind(mark);
  }
  return out;
}
