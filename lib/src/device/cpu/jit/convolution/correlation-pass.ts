import { MOST_LINES } from "../../x86/correlate.ts";
import type { X86Kernels } from "../../x86/kernels.ts";
import type { Engine, Kernel, Kernels } from "../engine.ts";
import { copy } from "../kernels/copy.ts";
import { correlate } from "../kernels/correlate.ts";
import { pack } from "../kernels/pack.ts";
import { roundUp } from "../rounding.ts";
import type { Scratch } from "../scratch.ts";
import { slice, stage } from "../staging.ts";
import { type AxisPlan, planAxis, swapRoles } from "./geometry.ts";
import { Planes } from "./planes.ts";
import type { Problem } from "./problem.ts";
import { channelsOfRun, RUN } from "./runs.ts";

/**
 * A tile of `lines` outputs of 4 `vectors` filters; `cost` is its time per sum relative to the shifted product's. These
 * are WebAssembly's: the way to convolve, and so the bits, must not depend on which kernel there is.
 */
interface Tile {
  readonly lines: number;
  readonly vectors: number;
  readonly cost: number;
}
const WIDE: Tile = { lines: 4, vectors: 2, cost: 1.1 };
const NARROW: Tile = { lines: 8, vectors: 1, cost: 1.4 };

export const tileFor = (filters: number): Tile => (filters > 4 ? WIDE : NARROW);

/** In machine code a vector is two or four of these, and there are registers for the places of so many lines. */
export function tileOf(x86: X86Kernels | null, filters: number): Pick<Tile, "lines" | "vectors"> {
  if (x86 === null) return tileFor(filters);
  const vectors = Math.min(2, Math.ceil(filters / x86.lanes));
  return { lines: MOST_LINES, vectors: (vectors * x86.lanes) / 4 };
}

function correlateOf(engine: Engine, { lines, vectors }: Pick<Tile, "lines" | "vectors">): Kernel {
  const { x86 } = engine;
  if (x86 !== null) return x86.correlate(lines, (vectors * 4) / x86.lanes);
  const key = `correlate${lines}×${vectors}`;
  return engine.kernels(key, (fused) => ({ correlate: correlate(lines, vectors, fused) })).correlate;
}

/** The outputs of some images of one group, which are summed over the channels, a few at a time. */
export class CorrelationPass {
  readonly #problem: Problem;
  readonly #scratch: Scratch;
  readonly #tile: Pick<Tile, "lines" | "vectors">;
  readonly #kernels: Kernels<"copy" | "pack">;
  readonly #correlate: Kernel;
  readonly #columns: AxisPlan;
  readonly #images: Planes;
  /** Input channels at a time. */
  readonly #channels: number;
  readonly #blocks: readonly Block[];
  /** Filters, rounded up to whole tiles. */
  readonly #width: number;
  readonly #packed: number;
  /** Room for one channel of the filters. */
  readonly #matrix: number;
  readonly #offsets: number;
  readonly #sums: number;
  readonly #result: number;

  constructor(p: Problem, images: number, scratch: Scratch) {
    [this.#problem, this.#scratch] = [p, scratch];
    const tile = tileOf(scratch.engine.x86, p.filtersPerGroup);
    const { lines, vectors } = tile;
    this.#tile = tile;
    const key = `correlation${lines}×${vectors}`;
    this.#kernels = scratch.engine.kernels(key, () => ({ copy, pack: pack(vectors * 4) }));
    this.#correlate = correlateOf(scratch.engine, tile);
    const rows = planAxis(swapRoles(p.rows));
    this.#columns = planAxis(swapRoles(p.columns));
    const taps = p.rows.taps * p.columns.taps;
    const outputs = p.rows.outputs * p.columns.outputs;
    const height = roundUp(images * outputs, lines);
    this.#blocks = blocksOf(p.rows.taps, p.columns.taps);
    this.#channels = Math.min(p.channels, channelsOfRun(taps, "correlated") ?? 1);
    this.#width = roundUp(p.filtersPerGroup, vectors * 4);
    this.#images = new Planes(images, this.#channels, rows, this.#columns, scratch);
    this.#packed = scratch.claim(this.#channels * this.#width * taps * 4);
    this.#matrix = scratch.claim(p.filtersPerGroup * taps * 4);
    this.#offsets = scratch.claim(height * 4);
    this.#sums = scratch.claim(height * this.#width * 4);
    this.#result = scratch.claim(images * p.filtersPerGroup * outputs * 4);
    const reads = this.#images.reads(rows.phases[0]!, this.#columns.phases[0]!);
    const { integers } = scratch;
    for (let j = 0; j < height; j++) {
      // Past the end of the last tile anything readable will do.
      const used = Math.min(j, images * outputs - 1);
      integers[this.#offsets / 4 + j] = Math.floor(used / outputs) * this.#images.outerStride + reads[used % outputs]!;
    }
  }

  /** The address of the outputs, by image, filter and place. */
  run(group: number, firstImage: number, images: number): number {
    const { x, channels, filtersPerGroup: filters, rows, columns } = this.#problem;
    const scratch = this.#scratch;
    const outputs = rows.outputs * columns.outputs;
    const lines = roundUp(images * outputs, this.#tile.lines);
    scratch.floats.fill(0, this.#sums / 4, this.#sums / 4 + lines * this.#width);
    const mine = slice(x, 0, firstImage, firstImage + images);
    const { mark } = scratch;
    for (let first = 0; first < channels; first += this.#channels) {
      const count = Math.min(this.#channels, channels - first);
      const channel = group * channels + first;
      this.#images.fill(stage(slice(mine, 1, channel, channel + count), scratch), images, count, this.#kernels.copy);
      this.#packFilters(group, first, count);
      for (const block of this.#blocks) this.#sum(block, count, lines / this.#tile.lines);
      scratch.rewind(mark);
    }
    // From image, place, filter to image, filter, place.
    // biome-ignore format: one line per operand
    this.#kernels.copy(
      this.#result, 0, filters * outputs * 4, outputs * 4, 4,
      this.#sums, 0, outputs * this.#width * 4, 4, this.#width * 4,
      1, images, filters, outputs,
    );
    return this.#result;
  }

  /** Adds what the taps of a block contribute. */
  #sum(block: Block, channels: number, tiles: number): void {
    const { rows, columns } = this.#problem;
    const panel = this.#tile.vectors * 16;
    const width = this.#width * 4;
    const line = this.#columns.length * 4;
    // biome-ignore format: one line per operand
    this.#correlate(
      this.#images.address + block.row * line + block.column * 4, this.#offsets,
      line - block.columns * 4, this.#images.innerStride - block.rows * line,
      this.#packed + (block.row * columns.taps + block.column) * panel, rows.taps * columns.taps * panel,
      rows.taps * columns.taps * width - block.rows * block.columns * panel,
      this.#sums, width,
      tiles, width / panel, channels, block.rows, block.columns,
    );
  }

  /** Packs channels of a group's filters by tap. */
  #packFilters(group: number, firstChannel: number, channels: number): void {
    const { filters: view, filtersPerGroup: filters, rows, columns } = this.#problem;
    const ofGroup = slice(view, 0, group * filters, (group + 1) * filters);
    const staged = stage(slice(ofGroup, 1, firstChannel, firstChannel + channels), this.#scratch);
    const [byFilter, byChannel, byRow, byColumn] = staged.strides as [number, number, number, number];
    const taps = rows.taps * columns.taps;
    const even = rows.taps === 1 || byRow === columns.taps * byColumn;
    for (let channel = 0; channel < channels; channel++) {
      const from = staged.address + channel * byChannel;
      const to = this.#packed + channel * this.#width * taps * 4;
      if (even) {
        this.#kernels.pack(to, from, byFilter, byColumn, filters, taps);
        continue;
      }
      // biome-ignore format: one line per operand
      this.#kernels.copy(
        this.#matrix, 0, taps * 4, columns.taps * 4, 4,
        from, 0, byFilter, byRow, byColumn,
        1, filters, rows.taps, columns.taps,
      );
      this.#kernels.pack(to, this.#matrix, taps * 4, 4, filters, taps);
    }
  }
}

/** Some rows of taps, or part of one row. */
interface Block {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** Cuts the taps of a filter into blocks of at most a run. */
export function blocksOf(rows: number, columns: number): Block[] {
  const width = Math.min(columns, RUN.correlated);
  const height = Math.floor(RUN.correlated / width);
  const starts = (n: number, step: number) => Array.from({ length: Math.ceil(n / step) }, (_, i) => i * step);
  return starts(rows, height).flatMap((row) =>
    starts(columns, width).map((column) => ({
      row,
      column,
      rows: Math.min(height, rows - row),
      columns: Math.min(width, columns - column),
    })),
  );
}
