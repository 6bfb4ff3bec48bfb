import type { Kernels } from "../engine.ts";
import { copy } from "../kernels/copy.ts";
import { correlate } from "../kernels/correlate.ts";
import { pack } from "../kernels/pack.ts";
import { roundUp } from "../rounding.ts";
import type { Scratch } from "../scratch.ts";
import { type Staged, slice, stage } from "../staging.ts";
import { planAxis, swapRoles } from "./geometry.ts";
import { Planes } from "./planes.ts";
import { outputLength, type Problem } from "./problem.ts";

/** A tile of `lines` outputs of 4 `vectors` filters; `cost` is its time per sum relative to the shifted product's. */
interface Tile {
  readonly lines: number;
  readonly vectors: number;
  readonly cost: number;
}
const WIDE: Tile = { lines: 4, vectors: 2, cost: 1.1 };
const NARROW: Tile = { lines: 8, vectors: 1, cost: 1.4 };

const tileFor = (filters: number) => (filters > 4 ? WIDE : NARROW);

/** Taps summed in one go: a panel of them stays in the first-level cache, and short sums lose less in rounding. */
const RUN = 512;

/**
 * Multiplications, about, with those that tiles waste. Proportional to the batch, as is the shifted product's, so that
 * the choice between them, and with it every bit of an image's result, does not depend on the images beside it.
 */
export function correlatedCost(p: Problem): number {
  const { lines, vectors, cost } = tileFor(p.filtersPerGroup);
  const outputs = p.batch * roundUp(p.rows.outputs * p.columns.outputs, lines);
  const filters = roundUp(p.filtersPerGroup, vectors * 4);
  return cost * p.groups * filters * outputs * p.channels * p.rows.taps * p.columns.taps;
}

/**
 * Convolution with filters as large as the image and few outputs, as the gradient with respect to filters is.
 * The roles change: the taps are what is summed over, in order, and each output is a place where the image, read in
 * place, meets all filters. Inputs must not be dilated.
 */
export function convolveCorrelated(p: Problem, scratch: Scratch): Float32Array {
  const { batch, channels, filtersPerGroup: filters } = p;
  const { lines, vectors } = tileFor(filters);
  const kernels = scratch.engine.kernels(`correlation${lines}`, (fused) => ({
    copy,
    pack: pack(vectors * 4),
    correlate: correlate(lines, vectors, fused),
  }));
  const [rows, columns] = [planAxis(swapRoles(p.rows)), planAxis(swapRoles(p.columns))];
  const [outputs, taps] = [p.rows.outputs * p.columns.outputs, p.rows.taps * p.columns.taps];
  const perChunk = Math.min(channels, Math.max(1, Math.floor(RUN / taps)));
  const images = new Planes(batch, perChunk, rows, columns, scratch);
  const width = roundUp(filters, vectors * 4);
  const packed = scratch.claim(perChunk * width * taps * 4);
  const matrix = scratch.claim(filters * taps * 4);
  const height = roundUp(batch * outputs, lines);
  const offsets = scratch.claim(height * 4);
  const sums = scratch.claim(height * width * 4);
  const result = scratch.claim(batch * filters * outputs * 4);
  const { integers } = scratch;
  const reads = images.reads(rows.phases[0]!, columns.phases[0]!);
  for (let j = 0; j < height; j++) {
    // Past the end of the last tile anything readable will do.
    const used = Math.min(j, batch * outputs - 1);
    integers[offsets / 4 + j] = Math.floor(used / outputs) * images.outerStride + reads[used % outputs]!;
  }

  const out = new Float32Array(outputLength(p));
  const blocks = blocksOf(p.rows.taps, p.columns.taps);
  const tapBytes = vectors * 16;
  const { mark } = scratch;
  for (let group = 0; group < p.groups; group++) {
    scratch.floats.fill(0, sums / 4, sums / 4 + height * width);
    const ofGroup = slice(p.filters, 0, group * filters, (group + 1) * filters);
    for (let first = 0; first < channels; first += perChunk) {
      const count = Math.min(perChunk, channels - first);
      const channel = group * channels + first;
      images.fill(stage(slice(p.x, 1, channel, channel + count), scratch), batch, count, kernels.copy);
      const g = stage(slice(ofGroup, 1, first, first + count), scratch);
      for (let c = 0; c < count; c++) {
        const staged = { address: g.address + c * g.strides[1]!, strides: g.strides };
        packTaps(staged, p, packed + c * width * taps * 4, matrix, kernels);
      }
      for (const block of blocks) {
        const place = block.row * p.columns.taps + block.column;
        // biome-ignore format: one line per operand
        kernels.correlate(
          images.address + (block.row * columns.length + block.column) * 4, offsets,
          (columns.length - block.columns) * 4, images.innerStride - block.rows * columns.length * 4,
          packed + place * tapBytes, taps * tapBytes,
          (p.columns.taps - block.columns) * tapBytes, width * taps * 4 - block.rows * p.columns.taps * tapBytes,
          sums, width * 4,
          height / lines, width * 4 / tapBytes, count, block.rows, block.columns,
        );
      }
      scratch.rewind(mark);
    }
    // From image, output, filter to image, filter, output.
    // biome-ignore format: one line per operand
    kernels.copy(
      result, 0, filters * outputs * 4, outputs * 4, 4,
      sums, 0, outputs * width * 4, 4, width * 4,
      1, batch, filters, outputs,
    );
    const { floats } = scratch;
    for (let image = 0; image < batch; image++) {
      const from = result / 4 + image * filters * outputs;
      out.set(floats.subarray(from, from + filters * outputs), (image * p.groups + group) * filters * outputs);
    }
  }
  return out;
}

/** Cuts the taps of a filter into rectangles of at most {@link RUN}. */
function blocksOf(rows: number, columns: number) {
  const width = Math.min(columns, RUN);
  const height = Math.floor(RUN / width);
  const starts = (n: number, step: number) => Array.from({ length: Math.ceil(n / step) }, (_, i) => i * step);
  return starts(rows, height).flatMap((row) =>
    starts(columns, width).map((column) => ({
      ...{ row, column },
      ...{ rows: Math.min(height, rows - row), columns: Math.min(width, columns - column) },
    })),
  );
}

/** Packs one channel of the filters by tap; `matrix` is room for it where its rows do not follow each other evenly. */
function packTaps(g: Staged, p: Problem, to: number, matrix: number, kernels: Kernels<"copy" | "pack">): void {
  const { filtersPerGroup: filters, rows, columns } = p;
  const [byFilter, , byRow, byColumn] = g.strides as [number, number, number, number];
  const taps = rows.taps * columns.taps;
  if (byRow === columns.taps * byColumn || rows.taps === 1) {
    kernels.pack(to, g.address, byFilter, byColumn, filters, taps);
    return;
  }
  // biome-ignore format: one line per operand
  kernels.copy(
    matrix, 0, taps * 4, columns.taps * 4, 4,
    g.address, 0, byFilter, byRow, byColumn,
    1, filters, rows.taps, columns.taps,
  );
  kernels.pack(to, matrix, taps * 4, 4, filters, taps);
}
