import type { Key } from "../../random/key.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { type Column, Dataset } from "../dataset.ts";

export interface SkipGramOptions {
  /** The furthest neighbour to each side; 5 if not said. */
  readonly window?: number;
  /** Draws each centre's window from 1 … `window` and which tokens are left out. */
  readonly key: Key;
  /** Tokens more frequent than this share of the text are left out at random; 1e-4 is usual, none if not said. */
  readonly subsample?: number;
}

/** Pairs of a token and one near it: `center` and `context` int32. */
export type SkipGrams = Dataset<{ readonly center: Column<"int32">; readonly context: Column<"int32"> }>;

/** Share of the occurrences of a token of that frequency to keep: √(t / f), at most 1 (Mikolov et al. 2013b, equation 5). */
export function keptShare(frequency: number, threshold: number): number {
  return Math.min(1, Math.sqrt(threshold / frequency));
}

/**
 * The training pairs of the skip-gram model (Mikolov et al. 2013): each token with its neighbours up to a distance that is
 * drawn anew for each token from 1 … `window`, so that near ones come more often. Frequent tokens are left out at random
 * before that. Windows do not reach from one sentence into the next.
 */
export function skipGrams(sentences: readonly ArrayLike<number>[], options: SkipGramOptions): SkipGrams {
  const { window = 5, key, subsample } = options;
  if (!Number.isInteger(window) || window < 1)
    throw new ArgumentError("skipGrams", `window is ${window}, expected a positive integer.`);
  if (subsample !== undefined && !(subsample > 0))
    throw new ArgumentError("skipGrams", `subsample is ${subsample}, expected a positive share such as 1e-4.`);
  const kept = subsample === undefined ? sentences : thinned(sentences, subsample, key.child("subsample"));
  const reach = key.child("window").bits(kept.reduce((sum, { length }) => sum + length, 0));
  const centers: number[] = [];
  const contexts: number[] = [];
  let place = 0;
  for (const sentence of kept)
    for (let i = 0; i < sentence.length; i++) {
      const far = 1 + Math.floor(((reach[place++]! >>> 0) / 2 ** 32) * window);
      for (let j = Math.max(0, i - far); j <= Math.min(sentence.length - 1, i + far); j++) {
        if (j === i) continue;
        centers.push(sentence[i]!);
        contexts.push(sentence[j]!);
      }
    }
  return new Dataset({
    center: { values: Int32Array.from(centers), shape: [], dtype: "int32" },
    context: { values: Int32Array.from(contexts), shape: [], dtype: "int32" },
  });
}

function thinned(sentences: readonly ArrayLike<number>[], threshold: number, key: Key): number[][] {
  const counts = new Map<number, number>();
  let total = 0;
  for (const sentence of sentences)
    for (let i = 0; i < sentence.length; i++, total++) counts.set(sentence[i]!, (counts.get(sentence[i]!) ?? 0) + 1);
  const bits = key.bits(total);
  let place = 0;
  return sentences.map((sentence) =>
    Array.from(sentence).filter(
      (token) => (bits[place++]! >>> 0) / 2 ** 32 < keptShare(counts.get(token)! / total, threshold),
    ),
  );
}
