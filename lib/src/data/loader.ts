import { type Key, seed } from "../random/key.ts";
import { ArgumentError } from "../tensor/errors.ts";

export interface LoaderOptions {
  /** Examples in a batch. */
  readonly size: number;
  /** Shuffles by this key, anew in each epoch. */
  readonly shuffle?: Key;
  /** Leaves out a last batch that is not full. */
  readonly dropLast?: boolean;
}

/** Examples that can be taken by their places, as one batch. */
export interface Examples<B> {
  readonly length: number;
  gather(indices: ArrayLike<number>): B;
}

/** @internal How a loader brings like examples together: so many batches are drawn and sorted. */
export interface Bucketing {
  readonly bucket?: number;
  readonly order?: (a: number, b: number) => number;
}

/** Batches that come again in each epoch. */
export abstract class Batched<B> implements Iterable<B> {
  /** Batches in an epoch. */
  readonly length: number;
  /** Examples in an epoch. */
  readonly examples: number;

  constructor(length: number, examples: number) {
    this.length = length;
    this.examples = examples;
  }

  /** The batches of the n-th epoch. */
  abstract epoch(number: number): IterableIterator<B>;

  [Symbol.iterator](): IterableIterator<B> {
    return this.epoch(0);
  }

  /**
   * Batches made of these by a function. It is given a key of its own for each batch of each epoch, by which random
   * changes of images are drawn.
   *
   * @example
   * ```ts
   * import { data, random } from "gradbook";
   *
   * const examples = data.spirals({ key: random.seed(1) });
   * const noisy = examples.batches({ size: 50 }).map(
   *   ({ x, label }, key) => ({ x: x.add(key.normal(x.shape).mul(0.1)), label }),
   *   { key: random.seed(2) },
   * );
   * ```
   */
  map<C>(change: (batch: B, key: Key) => C, { key = seed(0).child("map") }: { readonly key?: Key } = {}): Batched<C> {
    return new Changed(this, change, key);
  }
}

class Changed<A, B> extends Batched<B> {
  readonly #source: Batched<A>;
  readonly #change: (batch: A, key: Key) => B;
  readonly #key: Key;

  constructor(source: Batched<A>, change: (batch: A, key: Key) => B, key: Key) {
    super(source.length, source.examples);
    this.#source = source;
    this.#change = change;
    this.#key = key;
  }

  *epoch(number: number): IterableIterator<B> {
    const key = this.#key.child(number);
    let place = 0;
    for (const batch of this.#source.epoch(number)) yield this.#change(batch, key.child(place++));
  }
}

/** Batches of a dataset: plain iteration gives epoch 0, `epoch(n)` the n-th order. The same key, the same batches. */
export class Loader<B> extends Batched<B> {
  readonly #source: Examples<B>;
  readonly #options: LoaderOptions & Bucketing;

  constructor(source: Examples<B>, options: LoaderOptions & Bucketing) {
    const { size, dropLast = false } = options;
    if (!Number.isInteger(size) || size < 1)
      throw new ArgumentError("batches", `size is ${size}, expected a positive integer.`);
    const length = dropLast ? Math.floor(source.length / size) : Math.ceil(source.length / size);
    super(length, dropLast ? length * size : source.length);
    this.#source = source;
    this.#options = options;
  }

  *epoch(number: number): IterableIterator<B> {
    for (const places of placesOf(this.#source.length, this.#options, number)) yield this.#source.gather(places);
  }
}

/** @internal The places of the examples of each batch of an epoch. */
export function placesOf(length: number, options: LoaderOptions & Bucketing, epoch: number): Int32Array[] {
  const { size, shuffle, dropLast = false, bucket, order: compare } = options;
  const key = shuffle?.child("epoch").child(epoch);
  const order = key?.permutation(length) ?? Int32Array.from({ length }, (_, i) => i);
  const used = dropLast ? order.subarray(0, length - (length % size)) : order;
  const sorts = key !== undefined && bucket !== undefined && compare !== undefined;
  if (sorts)
    for (let from = 0; from < used.length; from += bucket * size)
      used.subarray(from, from + bucket * size).sort(compare);
  const batches = Array.from({ length: Math.ceil(used.length / size) }, (_, i) =>
    used.subarray(i * size, (i + 1) * size),
  );
  return sorts ? Array.from(key.child("batches").permutation(batches.length), (i) => batches[i]!) : batches;
}
