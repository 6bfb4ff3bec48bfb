import type { Key } from "../../random/key.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { Draws } from "../draws.ts";

type Source<T> = Iterable<T> | AsyncIterable<T>;

/**
 * Examples that come one after another, from a file or elsewhere, and need not fit into memory. Nothing is read before it
 * is iterated over; each epoch reads anew.
 *
 * @example
 * ```ts
 * import { data, random } from "gradbook";
 *
 * const numbers = new data.Stream(() => [1, 2, 3, 4, 5]);
 * for await (const batch of numbers.map((n) => n * n).batch(2)) console.log(batch); // [ 1, 4 ] [ 9, 16 ] [ 25 ]
 * const mixed = numbers.shuffle({ key: random.seed(1), buffer: 3 });
 * ```
 */
export class Stream<T> implements AsyncIterable<T> {
  readonly #open: (epoch: number) => Source<T>;

  /** From a function that opens the source for an epoch. */
  constructor(open: (epoch: number) => Source<T>) {
    this.#open = open;
  }

  /** The n-th pass. */
  async *epoch(number: number): AsyncGenerator<T, void> {
    yield* this.#open(number);
  }

  [Symbol.asyncIterator](): AsyncGenerator<T, void> {
    return this.epoch(0);
  }

  /** Each example changed by a function, which may take its time. */
  map<U>(change: (value: T) => U | Promise<U>): Stream<U> {
    return this.#then(async function* (source) {
      for await (const value of source) yield await change(value);
    });
  }

  /** The examples of which that is true. */
  filter(keep: (value: T) => boolean): Stream<T> {
    return this.#then(async function* (source) {
      for await (const value of source) if (keep(value)) yield value;
    });
  }

  /** The first ones. */
  take(count: number): Stream<T> {
    requireCount("take", "count", count, 0);
    return this.#then(async function* (source) {
      let left = count;
      if (left === 0) return;
      for await (const value of source) {
        yield value;
        if (--left === 0) return;
      }
    });
  }

  /** These and then those of another stream. */
  concat(other: Stream<T>): Stream<T> {
    return this.#then(async function* (source, epoch) {
      yield* source;
      yield* other.epoch(epoch);
    });
  }

  /**
   * In random order, as far as so many held in memory allow: each one given out is drawn from them. The same key, the same
   * order; another in each epoch.
   */
  shuffle({ key, buffer }: { readonly key: Key; readonly buffer: number }): Stream<T> {
    requireCount("shuffle", "buffer", buffer, 1);
    return this.#then(async function* (source, epoch) {
      const draws = new Draws(key.child("shuffle").child(epoch));
      const held: T[] = [];
      for await (const value of source) {
        if (held.length < buffer) {
          held.push(value);
          continue;
        }
        const place = draws.below(held.length);
        const chosen = held[place]!;
        held[place] = value;
        yield chosen;
      }
      while (held.length > 0) {
        const place = draws.below(held.length);
        const chosen = held[place]!;
        held[place] = held[held.length - 1]!;
        held.pop();
        yield chosen;
      }
    });
  }

  /** So many examples at a time. */
  batch(size: number, { dropLast = false }: { readonly dropLast?: boolean } = {}): Stream<T[]> {
    requireCount("batch", "size", size, 1);
    return this.#then(async function* (source) {
      let batch: T[] = [];
      for await (const value of source) {
        batch.push(value);
        if (batch.length < size) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0 && !dropLast) yield batch;
    });
  }

  /** Begins to read so many further examples while one is being used. */
  prefetch(count: number): Stream<T> {
    requireCount("prefetch", "count", count, 1);
    return this.#then(async function* (source) {
      const iterator = source[Symbol.asyncIterator]();
      const coming: Promise<IteratorResult<T, void>>[] = [];
      const ask = () => {
        const next = iterator.next();
        // Told when its turn comes.
        next.catch(() => {});
        coming.push(next);
      };
      try {
        for (;;) {
          while (coming.length <= count) ask();
          const next = await coming.shift()!;
          if (next.done === true) return;
          yield next.value;
        }
      } finally {
        await iterator.return();
      }
    });
  }

  #then<U>(body: (source: AsyncGenerator<T, void>, epoch: number) => AsyncGenerator<U, void>): Stream<U> {
    return new Stream((epoch) => body(this.epoch(epoch), epoch));
  }
}

function requireCount(who: string, name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    throw new ArgumentError(`Stream.${who}`, `${name} is ${value}, expected a whole number of ${least} or more.`);
}
