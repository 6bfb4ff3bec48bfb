import type { Key } from "../random/key.ts";
import { ArgumentError } from "../tensor/errors.ts";

export interface LoaderOptions {
  /** Examples in a batch. */
  readonly size: number;
  /** Shuffles by this key, anew in each epoch. */
  readonly shuffle?: Key;
  /** Leaves out a last batch that is not full. */
  readonly dropLast?: boolean;
}

interface Source<B> {
  readonly length: number;
  gather(indices: ArrayLike<number>): B;
}

/** Batches of a dataset: plain iteration gives epoch 0, `epoch(n)` the n-th order. The same key, the same batches. */
export class Loader<B> implements Iterable<B> {
  /** Batches in an epoch. */
  readonly length: number;
  /** Examples in an epoch. */
  readonly examples: number;
  readonly #source: Source<B>;
  readonly #options: LoaderOptions;

  constructor(source: Source<B>, options: LoaderOptions) {
    const { size, dropLast = false } = options;
    if (!Number.isInteger(size) || size < 1)
      throw new ArgumentError("batches", `size is ${size}, expected a positive integer.`);
    this.#source = source;
    this.#options = options;
    this.length = dropLast ? Math.floor(source.length / size) : Math.ceil(source.length / size);
    this.examples = dropLast ? this.length * size : source.length;
  }

  *epoch(number: number): IterableIterator<B> {
    const { size, shuffle } = this.#options;
    const { length } = this.#source;
    const order = shuffle?.child("epoch").child(number).permutation(length) ?? Int32Array.from({ length }, (_, i) => i);
    for (let batch = 0; batch < this.length; batch++)
      yield this.#source.gather(order.subarray(batch * size, (batch + 1) * size));
  }

  [Symbol.iterator](): IterableIterator<B> {
    return this.epoch(0);
  }
}
