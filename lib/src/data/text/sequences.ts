import { tensorOf } from "../../tensor/create.ts";
import { ArgumentError, IndexError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Loader, type LoaderOptions } from "../loader.ts";

/** Sequences of one batch, made equally long. */
export interface Padded {
  /** `[batch, time]`, the padding after each sequence's end. */
  readonly ids: Tensor<"int32">;
  /** How long each one is without padding, as `nn.LSTM` and its kin take them. */
  readonly lengths: Int32Array;
}

export interface PadOptions {
  /** What stands after the end; 0 if not said. */
  readonly pad?: number;
  /** How long to make them; as long as the longest if not said. */
  readonly length?: number;
}

/**
 * Sequences of whole numbers as one tensor.
 *
 * @example
 * ```ts
 * import { data } from "gradbook";
 *
 * const { ids, lengths } = data.padded([[5, 6, 7], [8]]);
 * console.log(await ids.toArray(), lengths); // [ [ 5, 6, 7 ], [ 8, 0, 0 ] ] Int32Array(2) [ 3, 1 ]
 * ```
 */
export function padded(sequences: readonly ArrayLike<number>[], { pad = 0, length }: PadOptions = {}): Padded {
  if (sequences.length === 0) throw new ArgumentError("padded", "no sequences, expected at least one.");
  const lengths = Int32Array.from(sequences, (sequence) => sequence.length);
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  const time = length ?? longest;
  if (longest > time)
    throw new ArgumentError("padded", `a sequence has ${longest} steps, expected at most length, ${time}.`);
  const values = new Int32Array(sequences.length * time).fill(pad);
  sequences.forEach((sequence, i) => {
    values.set(sequence, i * time);
  });
  return { ids: tensorOf(values, "int32", [sequences.length, time]), lengths };
}

/** A batch of parallel sequences, by name: the ids and lengths of each. */
export type SequenceBatch<N extends string> = { readonly [K in N]: Padded };

export interface SequenceLoaderOptions extends LoaderOptions {
  /**
   * With `shuffle`, examples of like length come together, so that little is padded: so many batches are drawn, sorted
   * by length and given out in random order. 50 if not said; 1 for none of it.
   */
  readonly bucket?: number;
}

/**
 * Examples that are sequences, or parallel sequences such as sentences and their translations, in batches padded to
 * their longest.
 *
 * @example
 * ```ts
 * import { data, random } from "gradbook";
 *
 * const pairs = new data.Sequences({ source: [[4, 5], [6], [7, 8, 9]], target: [[1, 2, 3], [4], [5, 6]] });
 * for (const { source, target } of pairs.batches({ size: 2, shuffle: random.seed(1) }))
 *   console.log(source.ids.shape, target.lengths.length);
 * ```
 */
export class Sequences<N extends string> {
  readonly columns: { readonly [K in N]: readonly ArrayLike<number>[] };
  readonly length: number;
  readonly #pad: number;
  readonly #names: readonly N[];

  constructor(columns: { readonly [K in N]: readonly ArrayLike<number>[] }, { pad = 0 }: Pick<PadOptions, "pad"> = {}) {
    this.columns = columns;
    this.#pad = pad;
    this.#names = Object.keys(columns) as N[];
    const first = this.#names[0];
    if (first === undefined) throw new ArgumentError("Sequences", "no columns, expected at least one.");
    this.length = columns[first].length;
    const odd = this.#names.find((name) => columns[name].length !== this.length);
    if (odd !== undefined)
      throw new ArgumentError(
        "Sequences",
        `${first} has ${this.length} sequences, ${odd} has ${columns[odd].length}; expected as many of each.`,
      );
  }

  /** The sequences at those places, as one batch. */
  gather(indices: ArrayLike<number>): SequenceBatch<N> {
    const places = Array.from(indices);
    const odd = places.find((i) => !(Number.isInteger(i) && i >= 0 && i < this.length));
    if (odd !== undefined) throw new IndexError("Sequences", `example ${odd} is outside 0 … ${this.length - 1}.`);
    const batch = (name: N) =>
      padded(
        places.map((i) => this.columns[name][i]!),
        { pad: this.#pad },
      );
    return Object.fromEntries(this.#names.map((name) => [name, batch(name)])) as unknown as SequenceBatch<N>;
  }

  /** Those examples of which that is true. */
  filter(keep: (example: { readonly [K in N]: ArrayLike<number> }) => boolean): Sequences<N> {
    const places = Array.from({ length: this.length }, (_, i) => i).filter((i) =>
      keep(Object.fromEntries(this.#names.map((name) => [name, this.columns[name][i]!])) as never),
    );
    return this.#at(places);
  }

  /** Examples `from` up to, but not including, `to`; negative places count from the end. */
  slice(from: number, to = this.length): Sequences<N> {
    return this.#at(Array.from({ length: this.length }, (_, i) => i).slice(from, to));
  }

  /** Batches to iterate over. */
  batches({ bucket = 50, ...options }: SequenceLoaderOptions): Loader<SequenceBatch<N>> {
    if (!Number.isInteger(bucket) || bucket < 1)
      throw new ArgumentError("batches", `bucket is ${bucket}, expected a positive integer.`);
    return new Loader(this, {
      ...options,
      // The longest first: sorted by the first column, then by the others.
      ...(bucket > 1 ? { bucket, order: (a: number, b: number) => this.#compare(a, b) } : {}),
    });
  }

  #compare(a: number, b: number): number {
    for (const name of this.#names) {
      const difference = this.columns[name][a]!.length - this.columns[name][b]!.length;
      if (difference !== 0) return difference;
    }
    return 0;
  }

  #at(places: readonly number[]): Sequences<N> {
    const columns = this.#names.map((name) => [name, places.map((i) => this.columns[name][i]!)]);
    return new Sequences(Object.fromEntries(columns), { pad: this.#pad });
  }
}
