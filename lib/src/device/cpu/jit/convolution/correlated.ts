import { copy } from "../kernels/copy.ts";
import { correlate, RUN } from "../kernels/correlate.ts";
import { roundUp } from "../rounding.ts";
import type { Scratch } from "../scratch.ts";
import { slice, stage } from "../staging.ts";
import { planAxis, swapRoles } from "./geometry.ts";
import { Planes } from "./planes.ts";
import { outputLength, type Problem } from "./problem.ts";

/** Inner products of a tile. */
const TILE = { rows: 2, columns: 5 };
/** Floats that a tile reads at a time: about the first-level cache. */
const CHUNK = 1 << 13;
/** Time of a multiplication relative to those of the shifted product. */
const COST = 1.25;

/** Multiplications, about, with those that tiles waste. */
export function correlatedCost(p: Problem): number {
  const offsets = roundUp(p.batch * p.rows.outputs * p.columns.outputs, TILE.columns);
  const rows = roundUp(p.filtersPerGroup, TILE.rows);
  const width = p.columns.taps + Math.floor(((p.columns.outputs - 1) * p.columns.stride) / p.columns.dilation);
  return COST * p.groups * rows * offsets * p.channels * runLength(p, width);
}

/** Elements of a filter spread to the width of the image's planes, up to the last tap, in whole runs. */
function runLength(p: Problem, width: number): number {
  return roundUp((p.rows.taps - 1) * width + p.columns.taps, RUN);
}

/**
 * Convolution with filters as large as the image and few outputs, as the gradient with respect to filters is:
 * every output is one long inner product of a filter and the image, both as runs of memory, the filter's rows spread
 * with zeros to the width of the image's. Inputs must not be dilated. An infinite `x` there gives NaN where the definition would not,
 * therefore undefined is returned when a result is not finite.
 */
export function convolveCorrelated(p: Problem, scratch: Scratch): Float32Array | undefined {
  const [rows, columns] = [planAxis(swapRoles(p.rows)), planAxis(swapRoles(p.columns))];
  const kernels = scratch.engine.kernels("correlation", (fused) => ({
    copy,
    correlate: correlate(TILE.rows, TILE.columns, fused),
  }));
  const { batch, channels, filtersPerGroup: filters } = p;
  const taps = p.rows.outputs * p.columns.outputs;
  const run = runLength(p, columns.length);
  const imageFloats = rows.length * rows.planes.length * columns.length * columns.planes.length;
  const perChunk = Math.min(channels, Math.max(1, Math.floor(CHUNK / (2 * run + 2 * imageFloats))));

  const images = new Planes(batch, perChunk, rows, columns, scratch);
  const [aTiles, bTiles] = [Math.ceil(filters / TILE.rows), Math.ceil((batch * taps) / TILE.columns)];
  const spreadFloats = aTiles * TILE.rows * perChunk * run;
  const spread = scratch.claim(spreadFloats * 4);
  const offsets = scratch.claim(bTiles * TILE.columns * 4);
  const sumFloats = aTiles * TILE.rows * bTiles * TILE.columns;
  const sums = scratch.claim(sumFloats * 4);
  scratch.floats.fill(0, spread / 4, spread / 4 + spreadFloats);
  const reads = images.reads(rows.phases[0]!, columns.phases[0]!);
  const { integers } = scratch;
  for (let j = 0; j < bTiles * TILE.columns; j++) {
    // Past the end of the last tile anything readable will do.
    const used = Math.min(j, batch * taps - 1);
    integers[offsets / 4 + j] = Math.floor(used / taps) * images.outerStride + reads[used % taps]!;
  }

  const out = new Float32Array(outputLength(p));
  const result = scratch.claim(filters * batch * taps * 4);
  const mark = scratch.mark;
  for (let group = 0; group < p.groups; group++) {
    scratch.floats.fill(0, sums / 4, sums / 4 + sumFloats);
    const filtersOfGroup = slice(p.filters, 0, group * filters, (group + 1) * filters);
    for (let first = 0; first < channels; first += perChunk) {
      const count = Math.min(perChunk, channels - first);
      const channel = group * channels + first;
      images.fill(stage(slice(p.x, 1, channel, channel + count), scratch), batch, count, kernels.copy);
      const g = stage(slice(filtersOfGroup, 1, first, first + count), scratch);
      // biome-ignore format: one line per operand
      kernels.copy(
        spread, perChunk * run * 4, run * 4, columns.length * 4, 4,
        g.address, g.strides[0]!, g.strides[1]!, g.strides[2]!, g.strides[3]!,
        filters, count, p.rows.taps, p.columns.taps,
      );
      // biome-ignore format: one line per operand
      kernels.correlate(
        spread, perChunk * run * 4, run * 4,
        images.address, images.innerStride, offsets,
        sums, bTiles * TILE.columns * 4,
        aTiles, bTiles, count, run * 4,
      );
      scratch.rewind(mark);
    }
    // From filter, image, tap to image, filter, tap.
    // biome-ignore format: one line per operand
    kernels.copy(
      result, 0, filters * taps * 4, taps * 4, 4,
      sums, 0, taps * 4, bTiles * TILE.columns * 4, 4,
      1, batch, filters, taps,
    );
    const { floats } = scratch;
    for (let image = 0; image < batch; image++) {
      const from = result / 4 + image * filters * taps;
      out.set(floats.subarray(from, from + filters * taps), (image * p.groups + group) * filters * taps);
    }
  }
  return out.every(Number.isFinite) ? out : undefined;
}
