import type { MachineFunction } from "../native.ts";
import type { Team } from "../team/team.ts";
import { type Blocks, isInside, refuse, STEPS, type Steps } from "./blocks.ts";
import { writeMove } from "./copy.ts";
import { writeProduct } from "./product.ts";

/** Blocks of one form in an array: where each begins. */
export interface Places {
  readonly values: Float32Array;
  readonly starts: Int32Array;
}

/** What {@link Blocks} does, for many blocks of one form in one call. What would leave an array is refused. */
export class Batches {
  readonly #blocks: Blocks;
  readonly #team: Team;
  #frames = new Int32Array(0);

  constructor(blocks: Blocks, team: Team) {
    this.#blocks = blocks;
    this.#team = team;
  }

  /** Products, each as `Blocks.product` would have it. */
  product(
    tile: { readonly rows: number; readonly vectors: number },
    a: Places & { readonly row: number; readonly depth: number },
    b: Places & { readonly panel: number; readonly depth: number },
    out: Places & { readonly row: number },
    { tiles, panels, depth }: { tiles: number; panels: number; depth: number },
  ): void {
    const width = tile.vectors * this.#blocks.lanes;
    const rows = tiles * tile.rows;
    const inside =
      areInside(a, steps(a.row, rows, a.depth, depth), 1) &&
      areInside(b, steps(b.panel, panels, b.depth, depth), width) &&
      areInside(out, steps(out.row, rows, width, panels), width);
    if (!inside || a.starts.length !== out.starts.length || b.starts.length !== out.starts.length) refuse("products");
    const count = out.starts.length;
    const words = this.#room(count * STEPS.block);
    const size = { tiles, panels, depth, accumulate: false };
    for (let i = 0, at = 0; i < count; i++, at += STEPS.block) {
      writeProduct(words, at, [a.starts[i]!, b.starts[i]!, out.starts[i]!], a, b, out, size);
    }
    const kernel = this.#blocks.productOf(tile);
    const work = this.#blocks.timeOf("product", count * rows * panels * width * depth);
    this.#run(kernel, words, STEPS.block, count, work, [a.values, b.values, out.values]);
  }

  /** Copies or transposes, each as `Blocks` would. */
  move(
    how: "copy" | "turn",
    from: Places & { readonly row: number; readonly block: number },
    to: Places & { readonly row: number; readonly block: number },
    { blocks, rows, width }: { blocks: number; rows: number; width: number },
  ): void {
    const isTurn = how === "turn";
    const inside =
      (!isTurn || (rows === 8 && width >= 8 && width % 8 === 0)) &&
      areInside(from, steps(from.row, rows, from.block, blocks), width) &&
      areInside(to, steps(to.row, isTurn ? width : rows, to.block, blocks), isTurn ? 8 : width);
    if (!inside || from.starts.length !== to.starts.length) refuse(how === "copy" ? "copies" : "transpositions");
    const count = to.starts.length;
    const words = this.#room(count * STEPS.copy);
    const size = { blocks, rows, width };
    for (let i = 0, at = 0; i < count; i++, at += STEPS.copy) {
      writeMove(words, at, [from.starts[i]!, to.starts[i]!], from, to, size);
    }
    const work = this.#blocks.timeOf("copy", count * blocks * rows * width);
    this.#run(this.#blocks.mover(how), words, STEPS.copy, count, work, [from.values, to.values]);
  }

  /** Threads share the calls, as many for each task as there are. */
  #run(
    kernel: MachineFunction,
    words: Int32Array,
    step: number,
    count: number,
    nanoseconds: number,
    arrays: readonly ArrayBufferView[],
  ): void {
    const shares = this.#team.shares(count, nanoseconds);
    const each = Math.ceil(count / shares);
    const tasks = Math.floor(count / each);
    this.#team.run(kernel, words, step, { tasks, each }, arrays);
    const rest = count - tasks * each;
    if (rest > 0) this.#team.run(kernel, words.subarray(tasks * each * step), step, { tasks: 1, each: rest }, arrays);
  }

  #room(words: number): Int32Array {
    if (this.#frames.length < words) this.#frames = new Int32Array(words);
    return this.#frames;
  }
}

const steps = (outer: number, outerCount: number, inner: number, innerCount: number): Steps => [
  [outer, outerCount],
  [inner, innerCount],
];

/** Whether all blocks are: the first and the last one say so. */
function areInside({ values, starts }: Places, steps: Steps, width: number): boolean {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < starts.length; i++) {
    first = Math.min(first, starts[i]!);
    last = Math.max(last, starts[i]!);
  }
  return starts.length > 0 && [first, last].every((start) => isInside({ values, start }, steps, width));
}
