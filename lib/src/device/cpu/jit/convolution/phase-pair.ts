import type { Kernels } from "../engine.ts";
import { WITH_ZERO } from "../kernels/product.ts";
import { roundUp } from "../rounding.ts";
import type { Scratch } from "../scratch.ts";
import type { Staged } from "../staging.ts";
import type { Tile } from "../tile.ts";
import type { AxisPlan, Phase } from "./geometry.ts";
import type { Planes } from "./planes.ts";
import type { Problem } from "./problem.ts";
import { depthOfRun } from "./runs.ts";

/** What all phases of a convolution share. */
export interface Setting {
  readonly problem: Problem;
  readonly rows: AxisPlan;
  readonly columns: AxisPlan;
  readonly image: Planes;
  readonly tile: Tile;
  readonly kernels: Kernels<"copy" | "pack">;
}

/** The outputs of one phase in each axis, all of which use the same taps: their filters, packed, and what they read. */
export class PhasePair {
  readonly #setting: Setting;
  readonly #row: Phase;
  readonly #column: Phase;
  readonly #depth: number;
  /** That of one pass. */
  readonly #block: number;
  /** Rows of whole tiles. */
  readonly #height: number;
  /** Bytes of a row of the result: all positions from the first output to the last, in whole tiles. */
  readonly #rowBytes: number;
  readonly #filters: number;
  readonly #offsets: number;

  constructor(setting: Setting, row: Phase, column: Phase, filters: Staged, scratch: Scratch) {
    const { problem, columns, image, tile } = setting;
    [this.#setting, this.#row, this.#column] = [setting, row, column];
    const taps = row.reads.length * column.reads.length;
    [this.#depth, this.#block] = [problem.channels * taps, depthOfRun(taps)];
    this.#height = roundUp(problem.filtersPerGroup, tile.rows);
    this.#rowBytes = roundUp((row.outputs - 1) * columns.length + column.outputs, tile.columns) * 4;
    this.#filters = scratch.claim(problem.groups * this.#height * this.#depth * 4);
    this.#offsets = scratch.claim(this.#depth * 4);
    const reads = image.reads(row, column);
    const { integers } = scratch;
    for (let channel = 0, k = this.#offsets / 4; channel < problem.channels; channel++) {
      for (const read of reads) integers[k++] = channel * image.innerStride + read;
    }
    const { mark } = scratch;
    const matrix = scratch.claim(problem.filtersPerGroup * this.#depth * 4);
    for (let group = 0; group < problem.groups; group++) this.#packFilters(filters, group, matrix);
    scratch.rewind(mark);
  }

  /** Bytes of the result before its rows are cut to the outputs. */
  get resultBytes(): number {
    return this.#height * this.#rowBytes;
  }

  /** Packs this pair's taps of a group of filters, one block of the depth after another. */
  #packFilters(filters: Staged, group: number, matrix: number): void {
    const { problem, rows, columns, kernels } = this.#setting;
    const [byFilter, byChannel, byRow, byColumn] = filters.strides as [number, number, number, number];
    const [tapRows, tapColumns] = [this.#row.reads.length, this.#column.reads.length];
    const from = filters.address + group * problem.filtersPerGroup * byFilter;
    // biome-ignore format: one line per operand
    kernels.copy(
      matrix, this.#depth * 4, tapRows * tapColumns * 4, tapColumns * 4, 4,
      from + this.#row.firstTap * byRow + this.#column.firstTap * byColumn,
      byFilter, byChannel, byRow * rows.tapStep, byColumn * columns.tapStep,
      problem.filtersPerGroup, problem.channels, tapRows, tapColumns,
    );
    let to = this.#filters + group * this.#height * this.#depth * 4;
    for (let k = 0; k < this.#depth; k += this.#block) {
      const depth = Math.min(this.#block, this.#depth - k);
      kernels.pack(to, matrix + k * 4, this.#depth * 4, 4, problem.filtersPerGroup, depth);
      to += this.#height * depth * 4;
    }
  }

  /** Computes this pair's outputs of the image at hand and writes them to their places from `target` on. */
  run(result: number, target: number): void {
    const { problem, rows, columns, image, tile, kernels } = this.#setting;
    const { filtersPerGroup, channels } = problem;
    const width = problem.columns.outputs;
    const plane = problem.rows.outputs * width * 4;
    for (let group = 0; group < problem.groups; group++) {
      let a = this.#filters + group * this.#height * this.#depth * 4;
      const b = image.address + group * channels * image.innerStride;
      // Once even when no tap applies: the result is zero then.
      for (let k = 0; k === 0 || k < this.#depth; k += this.#block) {
        const depth = Math.min(this.#block, this.#depth - k);
        // biome-ignore format: one line per operand
        tile.product(
          a, b, tile.columns * 4, this.#offsets + k * 4,
          result, this.#rowBytes,
          this.#height / tile.rows, this.#rowBytes / (tile.columns * 4), depth, k === 0 ? WITH_ZERO : 1,
        );
        a += this.#height * depth * 4;
      }
      const to = target + group * filtersPerGroup * plane + (this.#row.first * width + this.#column.first) * 4;
      // biome-ignore format: one line per operand
      kernels.copy(
        to, 0, plane, rows.step * width * 4, columns.step * 4,
        result, 0, this.#rowBytes, columns.length * 4, 4,
        1, filtersPerGroup, this.#row.outputs, this.#column.outputs,
      );
    }
  }
}
