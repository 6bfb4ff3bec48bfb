import type { Kernel } from "../engine.ts";
import type { Scratch } from "../scratch.ts";
import type { Staged } from "../staging.ts";
import type { AxisPlan, Phase } from "./geometry.ts";

/** Scratch memory for `outer` × `inner` images, each as the planes that two axis plans ask for. Sizes are in bytes. */
export class Planes {
  readonly #rows: AxisPlan;
  readonly #columns: AxisPlan;
  readonly #rowStride: number;
  readonly #planeStride: number;
  readonly address: number;
  readonly innerStride: number;
  readonly outerStride: number;

  constructor(outer: number, inner: number, rows: AxisPlan, columns: AxisPlan, scratch: Scratch) {
    [this.#rows, this.#columns] = [rows, columns];
    this.#rowStride = columns.length * 4;
    this.#planeStride = rows.length * this.#rowStride;
    this.innerStride = this.#planeStride * rows.planes.length * columns.planes.length;
    this.outerStride = this.innerStride * inner;
    const bytes = this.outerStride * outer;
    this.address = scratch.claim(bytes);
    // The borders stay zero, whatever images are copied in.
    scratch.floats.fill(0, this.address / 4, (this.address + bytes) / 4);
  }

  /** Copies staged images in; the zeros around them stay. `x` has strides for outer, inner, row and column. */
  fill(x: Staged, outer: number, inner: number, copy: Kernel): void {
    const [xOuter, xInner, xRow, xColumn] = x.strides as [number, number, number, number];
    this.#rows.planes.forEach((row, r) => {
      this.#columns.planes.forEach((column, c) => {
        if (row.count === 0 || column.count === 0) return;
        // biome-ignore format: one line per operand
        copy(
          this.address + this.#offset(r, row.at, c, column.at),
          this.outerStride, this.innerStride, this.#rowStride, 4,
          x.address + row.from * xRow + column.from * xColumn,
          xOuter, xInner, xRow * this.#rows.spread, xColumn * this.#columns.spread,
          outer, inner, row.count, column.count,
        );
      });
    });
  }

  /** From the beginning of an image: what the first output of two phases reads, for each pair of taps. */
  reads(row: Phase, column: Phase): number[] {
    return row.reads.flatMap((r) => column.reads.map((c) => this.#offset(r.plane, r.at, c.plane, c.at)));
  }

  #offset(rowPlane: number, row: number, columnPlane: number, column: number): number {
    const plane = rowPlane * this.#columns.planes.length + columnPlane;
    return plane * this.#planeStride + row * this.#rowStride + column * 4;
  }
}
