import { tensorOf } from "../../tensor/create.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** A piece of running text: what is read, and what comes one step later. */
export interface TextBatch {
  /** `[batch, time]` */
  readonly input: Tensor<"int32">;
  /** `[batch, time]`, the token after each of `input`. */
  readonly target: Tensor<"int32">;
  /** Whether the text begins here, so that states are to begin from zero. */
  readonly begins: boolean;
}

export interface TextOptions {
  /** In how many parallel parts the text is read. */
  readonly batch: number;
  /** Steps in a piece: how far back in time gradients go. */
  readonly time: number;
}

/**
 * One long text in pieces, for language models that keep their state from piece to piece (truncated backpropagation
 * through time): it is cut into `batch` parts of equal length, and row i of each piece goes on where row i of the one
 * before stopped. Up to `batch` tokens at the end are left out; the last piece may be shorter.
 *
 * @example
 * ```ts
 * import { data } from "gradbook";
 *
 * const pieces = new data.RunningText(Int32Array.from({ length: 13 }, (_, i) => i), { batch: 2, time: 4 });
 * for (const { input, target } of pieces) console.log(await input.toArray(), await target.toArray());
 * // [ [ 0, 1, 2, 3 ], [ 6, 7, 8, 9 ] ] [ [ 1, 2, 3, 4 ], [ 7, 8, 9, 10 ] ]
 * // [ [ 4, 5 ], [ 10, 11 ] ] [ [ 5, 6 ], [ 11, 12 ] ]
 * ```
 */
export class RunningText implements Iterable<TextBatch> {
  /** Pieces in a pass. */
  readonly length: number;
  readonly #ids: Int32Array;
  readonly #batch: number;
  readonly #time: number;
  readonly #part: number;

  constructor(ids: Int32Array, { batch, time }: TextOptions) {
    for (const [name, value] of Object.entries({ batch, time }))
      if (!Number.isInteger(value) || value < 1)
        throw new ArgumentError("RunningText", `${name} is ${value}, expected a positive integer.`);
    this.#part = Math.floor((ids.length - 1) / batch);
    if (this.#part < 1)
      throw new ArgumentError(
        "RunningText",
        `${ids.length} tokens are too few for ${batch} parts, expected at least ${batch + 1}.`,
      );
    this.#ids = ids;
    this.#batch = batch;
    this.#time = time;
    this.length = Math.ceil(this.#part / time);
  }

  *[Symbol.iterator](): IterableIterator<TextBatch> {
    for (let from = 0; from < this.#part; from += this.#time) {
      const time = Math.min(this.#time, this.#part - from);
      const rows = (shift: number) => {
        const values = new Int32Array(this.#batch * time);
        for (let row = 0; row < this.#batch; row++) {
          const start = row * this.#part + from + shift;
          values.set(this.#ids.subarray(start, start + time), row * time);
        }
        return tensorOf(values, "int32", [this.#batch, time]);
      };
      yield { input: rows(0), target: rows(1), begins: from === 0 };
    }
  }
}
