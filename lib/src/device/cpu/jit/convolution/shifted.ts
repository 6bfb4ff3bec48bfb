import type { Kernels } from "../engine.ts";
import { copy } from "../kernels/copy.ts";
import { pack } from "../kernels/pack.ts";
import { COLUMNS, product } from "../kernels/product.ts";
import { roundUp } from "../rounding.ts";
import type { Scratch } from "../scratch.ts";
import { type Staged, slice, stage } from "../staging.ts";
import { type AxisPlan, planAxis } from "./geometry.ts";
import { Planes } from "./planes.ts";
import { outputLength, type Problem } from "./problem.ts";

/** Depth of one pass over the sums, so that what it reads stays in the first-level cache. */
const DEPTH = 320;
/** Floats of images and results that are staged at a time: about the second-level cache. */
const CHUNK = 1 << 16;

/** Time per row of a tile, by the number of its rows, relative to the tallest. */
const costOfRow = [Number.POSITIVE_INFINITY, 2.2, 1.35, 1.1, 1];

/** The height of tile that wastes least on `rows` rows, and what the rows then cost in all. */
function bestTile(rows: number): { height: number; cost: number } {
  const all = [4, 3, 2, 1].map((height) => ({ height, cost: roundUp(rows, height) * costOfRow[height]! }));
  return all.reduce((best, next) => (next.cost < best.cost ? next : best));
}

/** Multiplications, about, with those that tiles waste. */
export function shiftedCost(p: Problem): number {
  const [rows, columns] = [planAxis(p.rows), planAxis(p.columns)];
  const perImage = pairsOfPhases(rows, columns).reduce(
    (sum, { positions, taps }) => sum + roundUp(positions, COLUMNS) * taps,
    0,
  );
  return p.batch * p.groups * bestTile(p.filtersPerGroup).cost * p.channels * perImage;
}

interface PairOfPhases {
  readonly row: number;
  readonly column: number;
  readonly taps: number;
  /** Outputs in one run of memory, with those between the end of a row and the beginning of the next. */
  readonly positions: number;
}

function pairsOfPhases(rows: AxisPlan, columns: AxisPlan): PairOfPhases[] {
  return rows.phases.flatMap((r, row) =>
    columns.phases.map((c, column) => ({
      row,
      column,
      taps: r.reads.length * c.reads.length,
      positions: (r.outputs - 1) * columns.length + c.outputs,
    })),
  );
}

/**
 * Convolution as a matrix product whose right side is the padded image itself: seen as one run of memory, output
 * `p = row · width + column` reads `x[p + offset]` for every tap, so nothing is gathered or packed.
 * Whole padded rows are computed; what falls between two rows of the result is left behind.
 */
export function convolveShifted(p: Problem, scratch: Scratch): Float32Array {
  const out = new Float32Array(outputLength(p));
  const [rows, columns] = [planAxis(p.rows), planAxis(p.columns)];
  const { height } = bestTile(p.filtersPerGroup);
  const kernels = scratch.engine.kernels(`convolution${height}`, (fused) => ({
    copy,
    pack: pack(height),
    product: product(height, fused),
  }));
  const channels = p.groups * p.channels;
  const image = new Planes(1, channels, rows, columns, scratch);
  const filters = stage(p.filters, scratch);
  const pairs = pairsOfPhases(rows, columns).map(
    (pair) => new Pair(pair, p, rows, columns, image, filters, height, kernels, scratch),
  );
  const widest = pairs.reduce((most, pair) => Math.max(most, pair.resultBytes), 0);
  const result = scratch.claim(widest);

  const outFloats = out.length / p.batch;
  const perChunk = Math.max(1, Math.floor(CHUNK / (channels * p.rows.inputs * p.columns.inputs + outFloats)));
  const target = scratch.claim(Math.min(perChunk, p.batch) * outFloats * 4);
  const mark = scratch.mark;
  for (let first = 0; first < p.batch; first += perChunk) {
    const images = Math.min(perChunk, p.batch - first);
    const staged = stage(slice(p.x, 0, first, first + images), scratch);
    for (let i = 0; i < images; i++) {
      const address = staged.address + i * staged.strides[0]!;
      image.fill({ address, strides: staged.strides }, 1, channels, kernels.copy);
      for (const pair of pairs) pair.run(result, target + i * outFloats * 4);
    }
    out.set(scratch.floats.subarray(target / 4, target / 4 + images * outFloats), first * outFloats);
    scratch.rewind(mark);
  }
  return out;
}

/** The outputs of one phase in each axis: all use the same taps. */
class Pair {
  readonly #problem: Problem;
  readonly #rows: AxisPlan;
  readonly #columns: AxisPlan;
  readonly #pair: PairOfPhases;
  readonly #image: Planes;
  readonly #height: number;
  readonly #kernels: Kernels<"copy" | "pack" | "product">;
  readonly #depth: number;
  readonly #panels: number;
  readonly #filters: number;
  readonly #offsets: number;

  constructor(
    pair: PairOfPhases,
    p: Problem,
    rows: AxisPlan,
    columns: AxisPlan,
    image: Planes,
    filters: Staged,
    height: number,
    kernels: Kernels<"copy" | "pack" | "product">,
    scratch: Scratch,
  ) {
    [this.#pair, this.#problem, this.#rows, this.#columns] = [pair, p, rows, columns];
    [this.#image, this.#height, this.#kernels] = [image, height, kernels];
    this.#depth = p.channels * pair.taps;
    this.#panels = Math.ceil(p.filtersPerGroup / height);
    this.#filters = scratch.claim(p.groups * this.#groupBytes);
    this.#offsets = scratch.claim(this.#depth * 4);
    const reads = image.reads(pair.row, pair.column);
    const { integers } = scratch;
    for (let channel = 0, k = this.#offsets / 4; channel < p.channels; channel++) {
      for (const read of reads) integers[k++] = channel * image.innerStride + read;
    }
    const matrix = scratch.claim(p.filtersPerGroup * this.#depth * 4);
    for (let group = 0; group < p.groups; group++) this.#packFilters(filters, group, matrix);
  }

  /** Bytes of the computed rows, whole tiles. */
  get resultBytes(): number {
    return this.#panels * this.#height * this.#resultStride;
  }

  get #resultStride(): number {
    return roundUp(this.#pair.positions, COLUMNS) * 4;
  }

  /** Bytes of a group's packed filters. */
  get #groupBytes(): number {
    return this.#panels * this.#height * this.#depth * 4;
  }

  /** Packs the taps of this pair of phases, depth block by depth block. */
  #packFilters(filters: Staged, group: number, matrix: number): void {
    const { filtersPerGroup, channels } = this.#problem;
    const [byFilter, byChannel, byRow, byColumn] = filters.strides as [number, number, number, number];
    const [row, column] = [this.#rows.phases[this.#pair.row]!, this.#columns.phases[this.#pair.column]!];
    const [tapRows, tapColumns] = [row.reads.length, column.reads.length];
    const stride = this.#depth * 4;
    const from =
      filters.address + group * filtersPerGroup * byFilter + row.firstTap * byRow + column.firstTap * byColumn;
    // biome-ignore format: one line per operand
    this.#kernels.copy(
      matrix, stride, this.#pair.taps * 4, tapColumns * 4, 4,
      from, byFilter, byChannel, byRow * this.#rows.tapStep, byColumn * this.#columns.tapStep,
      filtersPerGroup, channels, tapRows, tapColumns,
    );
    let to = this.#filters + group * this.#groupBytes;
    for (let k = 0; k < this.#depth; k += DEPTH) {
      const depth = Math.min(DEPTH, this.#depth - k);
      this.#kernels.pack(to, matrix + k * 4, stride, 4, filtersPerGroup, depth);
      to += this.#panels * this.#height * depth * 4;
    }
  }

  /** Computes this pair's part of one image's result; `result` is room for it before the rows are cut. */
  run(result: number, target: number): void {
    const { groups, channels, filtersPerGroup, rows, columns } = this.#problem;
    const bPanels = Math.ceil(this.#pair.positions / COLUMNS);
    const outPlane = rows.outputs * columns.outputs * 4;
    const rowPhase = this.#rows.phases[this.#pair.row]!;
    const columnPhase = this.#columns.phases[this.#pair.column]!;
    for (let group = 0; group < groups; group++) {
      let a = this.#filters + group * this.#groupBytes;
      const b = this.#image.address + group * channels * this.#image.innerStride;
      for (let k = 0; k === 0 || k < this.#depth; k += DEPTH) {
        const depth = Math.min(DEPTH, this.#depth - k);
        // biome-ignore format: one line per operand
        this.#kernels.product(
          a, b, COLUMNS * 4, this.#offsets + k * 4, result, this.#resultStride,
          this.#panels, bPanels, depth, k === 0 ? 0 : 1,
        );
        a += this.#panels * this.#height * depth * 4;
      }
      const first = rowPhase.first * columns.outputs + columnPhase.first;
      // biome-ignore format: one line per operand
      this.#kernels.copy(
        target + group * filtersPerGroup * outPlane + first * 4,
        0, outPlane, this.#rows.step * columns.outputs * 4, this.#columns.step * 4,
        result, 0, this.#resultStride, this.#columns.length * 4, 4,
        1, filtersPerGroup, rowPhase.outputs, columnPhase.outputs,
      );
    }
  }
}
