import type { Placed } from "./projection.ts";

const cell = 24;

/** Finds the point under the pointer without looking at all of them. */
export class HitGrid {
  readonly #placed: Placed;
  readonly #columns: number;
  readonly #rows: number;
  readonly #starts: Int32Array;
  readonly #members: Int32Array;

  /** @param isShown which points can be hit */
  constructor(placed: Placed, width: number, height: number, isShown: (index: number) => boolean) {
    this.#placed = placed;
    this.#columns = Math.max(1, Math.ceil(width / cell));
    this.#rows = Math.max(1, Math.ceil(height / cell));
    const count = placed.x.length;
    const cells = new Int32Array(count);
    this.#starts = new Int32Array(this.#columns * this.#rows + 1);
    for (let i = 0; i < count; i++) {
      const [column, row] = [Math.floor(placed.x[i]! / cell), Math.floor(placed.y[i]! / cell)];
      const isInside = column >= 0 && row >= 0 && column < this.#columns && row < this.#rows && isShown(i);
      cells[i] = isInside ? row * this.#columns + column : -1;
      if (isInside) this.#starts[cells[i]! + 1]! += 1;
    }
    for (let k = 1; k < this.#starts.length; k++) this.#starts[k]! += this.#starts[k - 1]!;
    this.#members = new Int32Array(this.#starts.at(-1)!);
    const next = this.#starts.slice();
    for (let i = 0; i < count; i++) {
      const at = cells[i]!;
      if (at >= 0) this.#members[next[at]!++] = i;
    }
  }

  /** The point nearest to a place, within so many pixels; of two about as near the one in front. */
  nearest(x: number, y: number, within: number): number | undefined {
    const { x: xs, y: ys, depth } = this.#placed;
    let found: number | undefined;
    let best = within;
    const range = (value: number, last: number) => [
      Math.max(0, Math.floor((value - within) / cell)),
      Math.min(last, Math.floor((value + within) / cell)),
    ];
    const [left, right] = range(x, this.#columns - 1) as [number, number];
    const [top, bottom] = range(y, this.#rows - 1) as [number, number];
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const at = row * this.#columns + column;
        for (let k = this.#starts[at]!; k < this.#starts[at + 1]!; k++) {
          const i = this.#members[k]!;
          const apart = Math.hypot(xs[i]! - x, ys[i]! - y);
          if (apart > within) continue;
          const score = apart - 2 * depth[i]!;
          if (found !== undefined && score >= best) continue;
          best = score;
          found = i;
        }
      }
    }
    return found;
  }
}
