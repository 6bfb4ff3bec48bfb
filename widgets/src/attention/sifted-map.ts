import { combined } from "./combine.ts";
import type { AttentionSettings, Example, MapChoice } from "./example.ts";
import { specialTokens } from "./tokens.ts";

/** A map as it is shown: special tokens and small weights left out. */
export interface SiftedMap {
  readonly example: Example;
  readonly choice: MapChoice;
  /** [queries, keys], row by row; those that are left out as special are 0. */
  readonly weights: Float32Array;
  /** 1 where a weight is shown, 0 where it is too small or of a special token. */
  readonly shown: Uint8Array;
  readonly specialQueries: readonly boolean[];
  readonly specialKeys: readonly boolean[];
  /** Whether special tokens are left out. */
  readonly masked: boolean;
  /** The weight at the upper end of the colours. */
  readonly high: number;
  /** The largest weight. */
  readonly largest: number;
  readonly count: { readonly all: number; readonly shown: number; readonly broken: number };
  /** How much of the attention is in the weights that are shown, from 0 to 1. */
  readonly share: number;
}

type Sieve = Pick<AttentionSettings, "layer" | "head" | "masked" | "threshold" | "top" | "range">;

/** Takes the chosen map, leaves out special tokens where wished, and marks the weights to be shown. */
export function siftedMap(example: Example, settings: Sieve, special: readonly (string | number)[] | null): SiftedMap {
  const keys = example.keys.length;
  const tokens = specialTokens(example, special);
  const masked = settings.masked && (tokens.queries.includes(true) || tokens.keys.includes(true));
  const weights = combined(example, settings);
  if (masked) leaveOut(weights, tokens.queries, tokens.keys);
  const shown = new Uint8Array(weights.length);
  let [largest, broken, shownSum, sum, shownCount, all] = [0, 0, 0, 0, 0, 0];
  example.queries.forEach((_, query) => {
    if (masked && tokens.queries[query]) return;
    const row = weights.subarray(query * keys, (query + 1) * keys);
    const least = Math.max(settings.threshold, settings.top > 0 ? topmost(row, settings.top) : 0);
    let [room, ties] = [settings.top || keys, 0];
    // Of equal weights at the edge the first ones are taken: a query has no more than its number.
    for (const weight of row) if (weight > least) room--;
    row.forEach((weight, key) => {
      if (masked && tokens.keys[key]) return;
      all++;
      if (Number.isNaN(weight)) broken++;
      else {
        sum += weight;
        largest = Math.max(largest, weight);
      }
      if (!(weight > least || (weight === least && ties++ < room) || Number.isNaN(weight))) return;
      shown[query * keys + key] = 1;
      if (Number.isNaN(weight)) return;
      shownSum += weight;
      shownCount++;
    });
  });
  return {
    example,
    choice: { layer: settings.layer, head: settings.head },
    weights,
    shown,
    specialQueries: tokens.queries,
    specialKeys: tokens.keys,
    masked,
    high: settings.range === "one" ? Math.max(1, largest) : largest || 1,
    largest,
    count: { all, shown: shownCount, broken },
    share: sum > 0 ? shownSum / sum : 0,
  };
}

/** Sets the weights from and to special tokens to 0, and divides those that remain of a query by their sum. */
function leaveOut(weights: Float32Array, queries: readonly boolean[], keys: readonly boolean[]): void {
  queries.forEach((special, query) => {
    const row = weights.subarray(query * keys.length, (query + 1) * keys.length);
    if (special) {
      row.fill(0);
      return;
    }
    keys.forEach((isSpecial, key) => {
      if (isSpecial) row[key] = 0;
    });
    const sum = row.reduce((total, weight) => total + (weight || 0), 0);
    if (sum > 0) for (let key = 0; key < keys.length; key++) row[key]! /= sum;
  });
}

/** The n-th largest weight of a row. */
function topmost(row: Float32Array, n: number): number {
  if (n >= row.length) return 0;
  const sorted = Float32Array.from(row, (weight) => (Number.isNaN(weight) ? 0 : weight)).sort();
  return sorted[sorted.length - n]!;
}
