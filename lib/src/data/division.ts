import type { Key } from "../random/key.ts";
import { ArgumentError } from "../tensor/errors.ts";

export interface DivisionOptions {
  /** Draws which example comes into which part; in order if not said. */
  readonly key?: Key;
  /** The class of each example: every part gets its share of each class. */
  readonly stratify?: ArrayLike<number>;
  /** Whose each example is: all of one are in the same part. */
  readonly group?: ArrayLike<number>;
}

/**
 * The places of `length` examples in parts of these shares, which add up to 1.
 *
 * @example
 * ```ts
 * import { data, random } from "gradbook";
 *
 * const [train, test] = data.splitIndices(10, [0.8, 0.2], { key: random.seed(1) });
 * console.log(train.length, test.length); // 8 2
 * ```
 */
export function splitIndices<const S extends readonly number[]>(
  length: number,
  shares: S,
  options: DivisionOptions = {},
): { [I in keyof S]: Int32Array } {
  const sum = shares.reduce((a, b) => a + b, 0);
  if (shares.length === 0 || shares.some((share) => !(share > 0)) || Math.abs(sum - 1) > 1e-6)
    throw new ArgumentError("split", `the shares are [${shares.join(", ")}], expected positive ones that add up to 1.`);
  const ends = shares.map((_, i) => shares.slice(0, i + 1).reduce((a, b) => a + b, 0));
  ends[ends.length - 1] = 1;
  const parts = dealt("split", length, options, (count) => {
    const edges = ends.map((end) => Math.round(end * count));
    return (rank) => edges.findIndex((edge) => rank < edge);
  });
  return Array.from(shares, (_, part) => collected(parts, part)) as { [I in keyof S]: Int32Array };
}

/** The places of `length` examples for cross-validation: each is tested in exactly one of the `count` folds. */
export function foldIndices(
  length: number,
  count: number,
  options: DivisionOptions = {},
): { readonly train: Int32Array; readonly test: Int32Array }[] {
  if (!Number.isInteger(count) || count < 2 || count > length)
    throw new ArgumentError("folds", `${count} folds of ${length} examples, expected 2 … ${length}.`);
  let dealtOut = 0;
  const parts = dealt("folds", length, options, (size) => {
    // Classes take turns at which fold gets one more.
    const first = dealtOut;
    dealtOut += size;
    return (rank) => (first + rank) % count;
  });
  return Array.from({ length: count }, (_, fold) => ({
    train: collected(parts, (part) => part !== fold),
    test: collected(parts, fold),
  }));
}

/** Which part each example comes into: within its class, or as its group, by its rank in random order. */
function dealt(
  who: string,
  length: number,
  { key, stratify, group }: DivisionOptions,
  partOf: (count: number) => (rank: number) => number,
): Int32Array {
  for (const [name, values] of Object.entries({ stratify, group }))
    if (values !== undefined && values.length !== length)
      throw new ArgumentError(
        who,
        `${name} has ${values.length} values for ${length} examples, expected one for each.`,
      );
  if (stratify !== undefined && group !== undefined)
    throw new ArgumentError(who, "stratify and group are both given, expected one of them.");
  const order = key?.permutation(length) ?? Int32Array.from({ length }, (_, i) => i);
  const parts = new Int32Array(length);
  const members = new Map<number, number[]>();
  for (const place of order) {
    const of = stratify?.[place] ?? group?.[place] ?? 0;
    const list = members.get(of) ?? [];
    members.set(of, list);
    list.push(place);
  }
  if (group !== undefined) {
    const part = partOf(members.size);
    [...members.values()].forEach((list, rank) => {
      for (const place of list) parts[place] = part(rank);
    });
    return parts;
  }
  for (const list of members.values()) {
    const part = partOf(list.length);
    list.forEach((place, rank) => {
      parts[place] = part(rank);
    });
  }
  return parts;
}

function collected(parts: Int32Array, wanted: number | ((part: number) => boolean)): Int32Array {
  const fits = typeof wanted === "number" ? (part: number) => part === wanted : wanted;
  const places: number[] = [];
  parts.forEach((part, place) => {
    if (fits(part)) places.push(place);
  });
  return Int32Array.from(places);
}
