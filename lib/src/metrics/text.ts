import { ArgumentError } from "../tensor/errors.ts";
import { requireSome } from "./values.ts";

/** The fewest insertions, deletions and substitutions that turn one sequence into another (Levenshtein 1966). */
export function editDistance<T>(from: ArrayLike<T>, to: ArrayLike<T>): number {
  let above = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const swap = above[j - 1]! + Number(from[i - 1] !== to[j - 1]);
      row.push(Math.min(swap, above[j]! + 1, row[j - 1]! + 1));
    }
    above = row;
  }
  return above[to.length]!;
}

/** Edits per element of the references, over everything that was added. */
export class ErrorRate {
  #edits = 0;
  #length = 0;

  /** Adds what was heard or read and what is right, in words, characters or any other elements. */
  add<T>(hypothesis: ArrayLike<T>, reference: ArrayLike<T>): void {
    this.#edits += editDistance(hypothesis, reference);
    this.#length += reference.length;
  }

  get rate(): number {
    requireSome("ErrorRate", this.#length);
    return this.#edits / this.#length;
  }
}

function rateOf(
  who: string,
  hypotheses: readonly string[],
  references: readonly string[],
  of: (s: string) => string[],
) {
  requireAsMany(who, hypotheses, references);
  const rate = new ErrorRate();
  for (const [i, hypothesis] of hypotheses.entries()) rate.add(of(hypothesis), of(references[i]!));
  return rate.rate;
}

const wordsOf = (text: string) => text.split(/\s+/).filter((word) => word !== "");

/** WER: edits of words per word of the references; words stand between white space. */
export function wordErrorRate(hypotheses: readonly string[], references: readonly string[]): number {
  return rateOf("wordErrorRate", hypotheses, references, wordsOf);
}

/** CER: edits of characters (code points) per character of the references. */
export function characterErrorRate(hypotheses: readonly string[], references: readonly string[]): number {
  return rateOf("characterErrorRate", hypotheses, references, (text) => [...text]);
}

export interface BleuOptions {
  /** The longest n-grams; 4 if not said. */
  readonly order?: number;
  /**
   * What is done where no n-gram of a length matches, for which the score would be 0: `"none"` (if not said), `"add"`
   * adds one to matches and counts of n > 1 (Lin and Och, COLING 2004), `"exponential"` halves for each such length
   * (mteval, method 3 of Chen and Cherry 2014).
   */
  readonly smoothing?: "none" | "add" | "exponential";
}

/**
 * BLEU of a corpus (Papineni et al., ACL 2002): the geometric mean of the precisions of n-grams, each counted at most as
 * often as in one reference, times a penalty for brevity; from 0 to 1. Tokens are what you give: the score depends on
 * how text was split.
 *
 * @example
 * ```ts
 * import { metrics } from "gradbook";
 * const bleu = new metrics.Bleu({ order: 2 });
 * bleu.add("the cat sat on the mat".split(" "), ["the cat is on the mat".split(" ")]);
 * bleu.score; // 0.7071067811865475
 * ```
 */
export class Bleu {
  readonly #matches: number[];
  readonly #counts: number[];
  readonly #smoothing: NonNullable<BleuOptions["smoothing"]>;
  #length = 0;
  #referenceLength = 0;

  constructor({ order = 4, smoothing = "none" }: BleuOptions = {}) {
    if (!Number.isInteger(order) || order < 1)
      throw new ArgumentError("Bleu", `order is ${order}, expected a positive integer.`);
    if (!["none", "add", "exponential"].includes(smoothing))
      throw new ArgumentError("Bleu", `smoothing is ${String(smoothing)}, expected "none", "add" or "exponential".`);
    this.#matches = new Array<number>(order).fill(0);
    this.#counts = new Array<number>(order).fill(0);
    this.#smoothing = smoothing;
  }

  /** Adds the tokens of a translation and those of its references. */
  add(candidate: readonly string[], references: readonly (readonly string[])[]): void {
    if (references.length === 0) throw new ArgumentError("Bleu", "no references, expected at least one.");
    if (references.some((reference) => typeof reference === "string"))
      throw new ArgumentError("Bleu", "a reference is text, expected an array of tokens. Split it.");
    this.#length += candidate.length;
    // The reference nearest in length counts, of two the shorter.
    this.#referenceLength += references
      .map((reference) => reference.length)
      .sort((a, b) => Math.abs(a - candidate.length) - Math.abs(b - candidate.length) || a - b)[0]!;
    for (let n = 1; n <= this.#counts.length; n++) {
      const known = references.map((reference) => gramsOf(reference, n));
      for (const [gram, count] of gramsOf(candidate, n)) {
        this.#counts[n - 1]! += count;
        this.#matches[n - 1]! += Math.min(count, Math.max(...known.map((grams) => grams.get(gram) ?? 0)));
      }
    }
  }

  /** The precisions of n-grams, from n = 1, smoothed. */
  get precisions(): readonly number[] {
    let halved = 1;
    return this.#counts.map((count, i) => {
      const matches = this.#matches[i]!;
      if (this.#smoothing === "add" && i > 0) return (matches + 1) / (count + 1);
      if (count === 0) return 0;
      if (this.#smoothing === "exponential" && matches === 0) {
        halved *= 2;
        return 1 / (halved * count);
      }
      return matches / count;
    });
  }

  /** e^(1 − r/c) where the translations, c tokens, are shorter than the references, r; else 1. */
  get brevityPenalty(): number {
    return this.#length >= this.#referenceLength ? 1 : Math.exp(1 - this.#referenceLength / this.#length);
  }

  get score(): number {
    requireSome("Bleu", this.#referenceLength);
    if (this.#length === 0 || this.#matches[0] === 0) return 0;
    const logs = this.precisions.reduce((sum, p) => sum + Math.log(p), 0);
    return this.brevityPenalty * Math.exp(logs / this.#counts.length);
  }
}

/** `Bleu.score` of a corpus: the tokens of each translation, and for each those of its references. */
export function bleu(
  candidates: readonly (readonly string[])[],
  references: readonly (readonly (readonly string[])[])[],
  options: BleuOptions = {},
): number {
  requireAsMany("bleu", candidates, references);
  const corpus = new Bleu(options);
  for (const [i, candidate] of candidates.entries()) corpus.add(candidate, references[i]!);
  return corpus.score;
}

function gramsOf(tokens: readonly string[], n: number): Map<string, number> {
  const grams = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = JSON.stringify(tokens.slice(i, i + n));
    grams.set(gram, (grams.get(gram) ?? 0) + 1);
  }
  return grams;
}

function requireAsMany(who: string, given: readonly unknown[], references: readonly unknown[]): void {
  if (given.length === references.length) return;
  throw new ArgumentError(who, `${given.length} texts and ${references.length} references, expected as many.`);
}
