import type { Lanes } from "../assembler.ts";
import { isAddressable } from "../bounds.ts";
import type { Loader, MachineFunction } from "../native.ts";
import { MOST_SHARES, shareOf, stepFor, type Team } from "../team/team.ts";
import { copyBlocks, copyParameters, turnBlocks, writeMove } from "./copy.ts";
import { pickLines, pickParameters, SUM_COLUMNS, sumLines, sumParameters, WIDE_BLOCKS } from "./lines.ts";
import { blockParameters, blockProduct, writeProduct } from "./product.ts";

/** Floats, and where in them something begins. */
export interface Place {
  readonly values: Float32Array;
  readonly start: number;
}

/** Steps through memory, in floats, and how often. */
export type Steps = readonly (readonly [step: number, count: number])[];

/** Whether runs of `width` floats at the steps from a place stay inside its array. */
export function isInside(place: Place, steps: Steps, width: number): boolean {
  let [first, last] = [place.start, place.start];
  for (let i = 0; i < steps.length; i++) {
    const [step, count] = steps[i]!;
    if (!(count >= 1)) return false;
    if (step < 0) first += step * (count - 1);
    else last += step * (count - 1);
  }
  return first >= 0 && width >= 0 && last + width <= place.values.length && isAddressable(place.values);
}

/** Words from the parameters of a call to the next ones. */
export const STEPS = {
  block: stepFor(blockParameters.length),
  copy: stepFor(copyParameters.length),
  sum: stepFor(sumParameters.length),
  pick: stepFor(pickParameters.length),
} as const;

/** Multiplications, and floats that are moved, in a nanosecond, about. */
const SPEED = { product: 40, copy: 3 } as const;

/** How many floats before and after a start are touched. */
interface Reach {
  readonly least: number;
  readonly most: number;
}

const isWithin = (start: number, { least, most }: Reach, values: Float32Array) =>
  Number.isInteger(start) && start >= least && start + most <= values.length;

export function refuse(who: string): never {
  throw new RangeError(`x86: the ${who} leaves its arrays.`);
}

/** Kernels that multiply, copy and transpose blocks of matrices, on the arrays themselves. What would leave one is refused. */
export class Blocks {
  readonly lanes: Lanes;
  readonly #load: Loader;
  readonly #team: Team;
  /** By the rows of a tile, and the vectors of its columns. */
  readonly #products = new Map<number, MachineFunction>();
  readonly #copy;
  readonly #turn;
  readonly #product = new Int32Array(STEPS.block * MOST_SHARES);
  readonly #sum;
  readonly #pick;
  readonly #summed = new Int32Array(STEPS.sum * MOST_SHARES);
  readonly #picked = new Int32Array(STEPS.pick * MOST_SHARES);
  readonly #copied = new Int32Array(STEPS.copy * MOST_SHARES);
  #turned = new Int32Array(0);

  constructor(lanes: Lanes, load: Loader, team: Team) {
    this.lanes = lanes;
    this.#load = load;
    this.#team = team;
    this.#copy = load(copyBlocks(), 3);
    this.#turn = load(turnBlocks(), 3);
    this.#sum = load(sumLines(), 3);
    this.#pick = load(pickLines(), 4);
  }

  /**
   * `out = a × b`, or `out += a × b`, by `tiles` of `rows`, and `panels` of `vectors` vectors. `a` has any strides, `b` lies in
   * panels, `outRow` is from a row of the result to the next.
   */
  product(
    { rows, vectors }: { readonly rows: number; readonly vectors: number },
    a: Place & { readonly row: number; readonly depth: number },
    b: Place & { readonly panel: number; readonly depth: number },
    out: Place & { readonly row: number },
    { tiles, panels, depth, accumulate }: { tiles: number; panels: number; depth: number; accumulate: boolean },
  ): void {
    const width = vectors * this.lanes;
    const inside =
      isInside(
        a,
        [
          [a.row, tiles * rows],
          [a.depth, depth],
        ],
        1,
      ) &&
      isInside(
        b,
        [
          [b.panel, panels],
          [b.depth, depth],
        ],
        width,
      ) &&
      isInside(
        out,
        [
          [out.row, tiles * rows],
          [width, panels],
        ],
        width,
      );
    if (!inside) refuse("product");
    const run = this.productOf({ rows, vectors });
    const byPanel = panels >= tiles;
    const units = byPanel ? panels : tiles;
    const tasks = this.#team.shares(units, (tiles * rows * panels * width * depth) / SPEED.product);
    const words = this.#product;
    for (let task = 0; task < tasks; task++) {
      const [from, to] = [shareOf(units, tasks, task), shareOf(units, tasks, task + 1)];
      const [tile, panel] = byPanel ? [0, from] : [from, 0];
      const at = task * STEPS.block;
      const starts = [
        a.start + tile * rows * a.row,
        b.start + panel * b.panel,
        out.start + tile * rows * out.row + panel * width,
      ] as const;
      const size = { tiles: byPanel ? tiles : to - from, panels: byPanel ? to - from : panels, depth, accumulate };
      writeProduct(words, at, starts, a, b, out, size);
    }
    this.#team.run(run, words, STEPS.block, { tasks }, [a.values, b.values, out.values]);
  }

  /** @internal The kernel of {@link product} for a tile. */
  productOf({ rows, vectors }: { readonly rows: number; readonly vectors: number }): MachineFunction {
    const key = rows * 16 + vectors;
    let run = this.#products.get(key);
    if (run === undefined) {
      run = this.#load(blockProduct(this.lanes, rows, vectors), 4);
      this.#products.set(key, run);
    }
    return run;
  }

  /** @internal The kernel of {@link copy} or {@link turn}. */
  mover(how: "copy" | "turn"): MachineFunction {
    return how === "copy" ? this.#copy : this.#turn;
  }

  /** @internal Nanoseconds that so many multiplications take one thread, or floats that are moved. */
  timeOf(what: keyof typeof SPEED, count: number): number {
    return count / SPEED[what];
  }

  /** Copies `blocks` of `rows` of `width` floats each. */
  copy(
    from: Place & { readonly row: number; readonly block: number },
    to: Place & { readonly row: number; readonly block: number },
    { blocks, rows, width }: { blocks: number; rows: number; width: number },
  ): void {
    const inside = [from, to].every((place) =>
      isInside(
        place,
        [
          [place.row, rows],
          [place.block, blocks],
        ],
        width,
      ),
    );
    if (!inside) refuse("copy");
    this.#runCopy(this.#copy, from, to, blocks, rows, width);
  }

  /** Transposes `blocks` of eight rows and `width` columns, a multiple of eight, into as many rows of eight. */
  turn(
    from: Place & { readonly row: number; readonly block: number },
    to: Place & { readonly row: number; readonly block: number },
    { blocks, width }: { blocks: number; width: number },
  ): void {
    const inside =
      width >= 8 &&
      width % 8 === 0 &&
      isInside(
        from,
        [
          [from.row, 8],
          [from.block, blocks],
        ],
        width,
      ) &&
      isInside(
        to,
        [
          [to.row, width],
          [to.block, blocks],
        ],
        8,
      );
    if (!inside) refuse("transposition");
    this.#runCopy(this.#turn, from, to, blocks, 8, width);
  }

  /** The same once for each pair of starts, in the one array and in the other, as one job. */
  turns(
    from: Omit<Place, "start"> & { readonly row: number; readonly block: number },
    to: Omit<Place, "start"> & { readonly row: number; readonly block: number },
    starts: readonly (readonly [from: number, to: number])[],
    { blocks, width }: { blocks: number; width: number },
  ): void {
    const [first, last] = [from, to].map(({ row, block }, i) => {
      const spans = [row * ((i === 0 ? 8 : width) - 1), block * (blocks - 1)];
      const ends = [0, 1].map((end) =>
        spans.reduce((sum, span) => sum + (end === 0 ? Math.min(0, span) : Math.max(0, span)), 0),
      );
      return { least: -ends[0]!, most: ends[1]! + (i === 0 ? width : 8) };
    }) as [Reach, Reach];
    const fits =
      [blocks, width].every((n) => Number.isInteger(n) && n >= 1) &&
      width % 8 === 0 &&
      [from, to].every(
        ({ values, row, block }) => isAddressable(values) && Number.isInteger(row) && Number.isInteger(block),
      ) &&
      starts.every(([here, there]) => isWithin(here, first, from.values) && isWithin(there, last, to.values));
    if (!fits) refuse("transposition");
    if (this.#turned.length < starts.length * STEPS.copy) this.#turned = new Int32Array(starts.length * STEPS.copy);
    const size = { blocks, rows: 8, width };
    for (let i = 0; i < starts.length; i++) writeMove(this.#turned, i * STEPS.copy, starts[i]!, from, to, size);
    const together = this.#team.shares(starts.length, (starts.length * blocks * 8 * width) / SPEED.copy) > 1;
    const job = { tasks: starts.length, together };
    this.#team.run(this.#turn, this.#turned, STEPS.copy, job, [from.values, to.values]);
  }

  /** Blocks are split among threads, or, of one alone, its rows where it may be. */
  #runCopy(
    run: MachineFunction,
    from: Place & { readonly row: number; readonly block: number },
    to: Place & { readonly row: number; readonly block: number },
    blocks: number,
    rows: number,
    width: number,
  ): void {
    const byRow = blocks === 1 && run === this.#copy;
    const units = byRow ? rows : blocks;
    const tasks = this.#team.shares(units, (blocks * rows * width) / SPEED.copy);
    const words = this.#copied;
    for (let task = 0; task < tasks; task++) {
      const [first, end] = [shareOf(units, tasks, task), shareOf(units, tasks, task + 1)];
      const at = task * STEPS.copy;
      const starts = [
        from.start + first * (byRow ? from.row : from.block),
        to.start + first * (byRow ? to.row : to.block),
      ] as const;
      const size = { blocks: byRow ? 1 : end - first, rows: byRow ? end - first : rows, width };
      writeMove(words, at, starts, from, to, size);
    }
    this.#team.run(run, words, STEPS.copy, { tasks }, [from.values, to.values]);
  }

  /** Sums `rows` rows of `width` columns, a multiple of sixteen, in order and in double precision. */
  sumLines(from: Place & { readonly row: number }, to: Place, { rows, width }: { rows: number; width: number }): void {
    const fits = width >= SUM_COLUMNS && width % SUM_COLUMNS === 0;
    if (!fits || !isInside(from, [[from.row, rows]], width) || !isInside(to, [], width)) refuse("sum");
    const units = width / SUM_COLUMNS;
    const tasks = this.#team.shares(units, (rows * width) / SPEED.copy);
    const words = this.#summed;
    for (let task = 0; task < tasks; task++) {
      const [first, end] = [shareOf(units, tasks, task), shareOf(units, tasks, task + 1)];
      const at = task * STEPS.sum;
      words[at] = (from.start + first * SUM_COLUMNS) * 4;
      words[at + 1] = (to.start + first * SUM_COLUMNS) * 4;
      words[at + 2] = from.row * 4;
      words[at + 3] = rows;
      words[at + 4] = Math.floor((end - first) / WIDE_BLOCKS);
      words[at + 5] = (end - first) % WIDE_BLOCKS;
    }
    this.#team.run(this.#sum, words, STEPS.sum, { tasks }, [from.values, to.values]);
  }

  /** Copies the lines of `width` floats that the indices name, to one after another. */
  pickLines(from: Place, indices: Int32Array, to: Place, width: number): void {
    if (!(indices instanceof Int32Array)) refuse("choice of lines");
    let most = -1;
    for (let i = 0; i < indices.length; i++) {
      if (indices[i]! < 0) refuse("choice of lines");
      if (indices[i]! > most) most = indices[i]!;
    }
    const fits = width >= 1 && isInside(from, [[width, most + 1]], width);
    if (!fits || !isInside(to, [[width, indices.length]], width)) refuse("choice of lines");
    const tasks = this.#team.shares(indices.length, (indices.length * width) / SPEED.copy);
    const words = this.#picked;
    for (let task = 0; task < tasks; task++) {
      const [first, end] = [shareOf(indices.length, tasks, task), shareOf(indices.length, tasks, task + 1)];
      const at = task * STEPS.pick;
      words[at] = from.start * 4;
      words[at + 1] = first * 4;
      words[at + 2] = (to.start + first * width) * 4;
      words[at + 3] = width * 4;
      words[at + 4] = end - first;
      words[at + 5] = width >> 3;
      words[at + 6] = width & 7;
    }
    this.#team.run(this.#pick, words, STEPS.pick, { tasks }, [from.values, indices, to.values]);
  }
}
