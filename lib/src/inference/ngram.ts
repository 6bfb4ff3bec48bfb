import type { Key } from "../random/key.ts";
import { ArgumentError, IndexError } from "../tensor/errors.ts";
import { NGramCounts } from "./ngram-counts.ts";

/** How what was never seen gets its share: one discount for each order, or three by how often something was seen. */
export type Smoothing = "kneserNey" | "modifiedKneserNey";

export interface NGramOptions {
  /** Words that there are: tokens are 0 … vocabulary − 1. */
  readonly vocabulary: number;
  /** Words in an n-gram, the predicted one included; 3 if not said. */
  readonly order?: number;
  /** `kneserNey` if not said. */
  readonly smoothing?: Smoothing;
}

/**
 * An n-gram model of a sequence of tokens with interpolated Kneser–Ney smoothing (Kneser and Ney, ICASSP 1995; Chen and
 * Goodman 1999, equations 22 and 24–26): each count gives up a discount, which the next shorter context shares out by the
 * number of different words after which a word was seen. The last resort is the uniform distribution, so that every word
 * has a probability and those of all words add up to 1.
 *
 * Throws an `ArgumentError` for an order or a vocabulary that is no positive integer or a text shorter than the order, and
 * an `IndexError` for a token outside the vocabulary.
 *
 * @example
 * ```ts
 * import { inference } from "gradbook";
 *
 * const model = new inference.NGram([0, 1, 2, 0, 1, 2, 0, 1], { vocabulary: 3, order: 2 });
 * model.probability(1, [0]) > model.probability(2, [0]); // true
 * model.distribution([0]).reduce((sum, p) => sum + p, 0).toFixed(12); // "1.000000000000"
 * ```
 */
export class NGram {
  /** Words in an n-gram. */
  readonly order: number;
  /** Words that there are. */
  readonly vocabulary: number;
  readonly #counts: NGramCounts;
  /** For each order from 1: what a count of 1, 2 and more gives up. */
  readonly #discounts: readonly (readonly number[])[];

  constructor(tokens: ArrayLike<number>, { vocabulary, order = 3, smoothing = "kneserNey" }: NGramOptions) {
    requireCount("vocabulary", vocabulary);
    requireCount("order", order);
    if (smoothing !== "kneserNey" && smoothing !== "modifiedKneserNey")
      throw new ArgumentError("NGram", `smoothing is ${smoothing}, expected kneserNey or modifiedKneserNey.`);
    if (tokens.length < order)
      throw new ArgumentError("NGram", `a text of ${tokens.length} tokens, expected at least the order, ${order}.`);
    for (let i = 0; i < tokens.length; i++) requireToken(tokens[i]!, vocabulary, `at ${i} `);
    this.order = order;
    this.vocabulary = vocabulary;
    this.#counts = new NGramCounts(tokens, vocabulary, order);
    this.#discounts = this.#counts.counted.map((counted) => discountsOf(counted, smoothing));
  }

  /** The probability of a word after a context, of which the last `order − 1` words count; a shorter one will do. */
  probability(word: number, context: ArrayLike<number> = []): number {
    requireToken(word, this.vocabulary);
    let p = 1 / this.vocabulary;
    for (const { node, discounts } of this.#contexts(context)) {
      const { total, seen } = this.#counts.after(node);
      const count = this.#counts.count(this.#counts.child(node, word));
      const kept = Math.max(0, count - (discounts[Math.min(count, 3) - 1] ?? 0));
      p = (kept + freed(seen, discounts) * p) / total;
    }
    return p;
  }

  /** The probabilities of all words after a context. */
  distribution(context: ArrayLike<number> = []): Float64Array {
    const p = new Float64Array(this.vocabulary).fill(1 / this.vocabulary);
    for (const { node, discounts } of this.#contexts(context)) {
      const { total, seen } = this.#counts.after(node);
      const share = freed(seen, discounts) / total;
      for (let word = 0; word < p.length; word++) {
        const count = this.#counts.count(this.#counts.child(node, word));
        const kept = count === 0 ? 0 : Math.max(0, count - discounts[Math.min(count, 3) - 1]!);
        p[word] = kept / total + share * p[word]!;
      }
    }
    return p;
  }

  /** The natural logarithm of the probability of each token, given those before it (and before the first, `context`). */
  logProbabilities(tokens: ArrayLike<number>, { context = [] as ArrayLike<number> } = {}): Float64Array {
    const all = [...Array.from(context), ...Array.from(tokens)];
    return Float64Array.from({ length: tokens.length }, (_, i) => {
      const at = context.length + i;
      return Math.log(this.probability(all[at]!, all.slice(Math.max(0, at - this.order + 1), at)));
    });
  }

  /** The exponential of the mean of −ln p over the tokens of a text. */
  perplexity(tokens: ArrayLike<number>, options: { readonly context?: ArrayLike<number> } = {}): number {
    if (tokens.length === 0) throw new ArgumentError("NGram", "a text of 0 tokens has no perplexity, expected some.");
    const sum = this.logProbabilities(tokens, options).reduce((total, value) => total + value, 0);
    return Math.exp(-sum / tokens.length);
  }

  /** Words drawn one after another, each from its distribution after those before it. */
  sample(
    key: Key,
    { length, context = [] }: { readonly length: number; readonly context?: ArrayLike<number> },
  ): Int32Array {
    requireCount("length", length);
    const words = Array.from(context);
    const bits = key.bits(length);
    for (let i = 0; i < length; i++) {
      let rest = (bits[i]! >>> 0) / 2 ** 32;
      const p = this.distribution(words.slice(Math.max(0, words.length - this.order + 1)));
      let word = 0;
      while (word < p.length - 1 && rest >= p[word]!) rest -= p[word++]!;
      words.push(word);
    }
    return Int32Array.from(words.slice(context.length));
  }

  /** The contexts that were seen, the empty one first. */
  *#contexts(context: ArrayLike<number>): Iterable<{ node: number; discounts: readonly number[] }> {
    for (let i = 0; i < context.length; i++) requireToken(context[i]!, this.vocabulary, `at ${i} of the context `);
    for (let length = 0; length < this.order && length <= context.length; length++) {
      let node = 0;
      for (let i = context.length - length; i < context.length && node >= 0; i++)
        node = this.#counts.child(node, context[i]!);
      // What follows a longer context than any that was seen is told by the shorter ones.
      if (node < 0 || this.#counts.after(node).total === 0) return;
      yield { node, discounts: this.#discounts[length]! };
    }
  }
}

/** What the words seen once, twice and more often after a context give up together. */
function freed(seen: readonly number[], discounts: readonly number[]): number {
  return seen[0]! * discounts[0]! + seen[1]! * discounts[1]! + seen[2]! * discounts[2]!;
}

/** Discounts from how many n-grams were seen once, twice, three and four times, by leaving one out (Ney et al. 1994). */
function discountsOf(counted: readonly number[], smoothing: Smoothing): readonly number[] {
  const [once, twice, thrice, four] = counted as [number, number, number, number];
  // Where nothing was seen once there is nothing to estimate from.
  const y = once > 0 ? once / (once + 2 * twice) : 0.5;
  if (smoothing === "kneserNey") return [y, y, y];
  const above = (k: number, fewer: number, more: number) =>
    fewer > 0 && more > 0 ? Math.min(k, Math.max(0, k - ((k + 1) * y * more) / fewer)) : y;
  return [above(1, once, twice), above(2, twice, thrice), above(3, thrice, four)];
}

function requireCount(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new ArgumentError("NGram", `${what} is ${value}, expected a positive integer.`);
}

function requireToken(token: number, vocabulary: number, where = ""): void {
  if (!(Number.isInteger(token) && token >= 0 && token < vocabulary))
    throw new IndexError("NGram", `token ${token} ${where}is outside 0 … ${vocabulary - 1}.`);
}
