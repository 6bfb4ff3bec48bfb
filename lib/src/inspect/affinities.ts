import { ArgumentError } from "../tensor/errors.ts";
import { Breather } from "../tensor/stop.ts";

/** A sparse symmetric matrix of probabilities over ordered pairs, row by row; all entries sum to 1. */
export interface Affinities {
  readonly count: number;
  /** Where each row starts in the lists below, and where the last ends. */
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** Squared distances from example `i` to all examples. */
function distancesFrom(x: Float64Array, d: number, i: number, into: Float64Array): void {
  const n = x.length / d;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let k = 0, a = i * d, b = j * d; k < d; k++, a++, b++) {
      const difference = x[a]! - x[b]!;
      sum += difference * difference;
    }
    into[j] = sum;
  }
}

/** The places of the `k` smallest values but for place `except`, in no order: quickselect (Hoare 1961). */
function nearest(distances: Float64Array, k: number, except: number, order: Int32Array): Int32Array {
  let count = 0;
  for (let j = 0; j < distances.length; j++) if (j !== except) order[count++] = j;
  let [low, high] = [0, count - 1];
  while (low < high) {
    const pivot = distances[order[(low + high) >> 1]!]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (distances[order[i]!]! < pivot) i++;
      while (distances[order[j]!]! > pivot) j--;
      if (i <= j) {
        const swapped = order[i]!;
        order[i++] = order[j]!;
        order[j--] = swapped;
      }
    }
    if (k - 1 <= j) high = j;
    else if (k - 1 >= i) low = i;
    else break;
  }
  return order.slice(0, k);
}

/** p(j | i) over the given squared distances, with the entropy that the perplexity asks for, by bisection. */
export function conditional(distances: Float64Array, perplexity: number): Float64Array {
  const target = Math.log(perplexity);
  const least = distances.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const p = new Float64Array(distances.length);
  let [low, high, precision] = [0, Number.POSITIVE_INFINITY, 1];
  for (let attempt = 0; attempt < 200; attempt++) {
    let [sum, weighted] = [0, 0];
    for (let j = 0; j < p.length; j++) {
      const apart = distances[j]! - least;
      p[j] = Math.exp(-precision * apart);
      sum += p[j]!;
      weighted += p[j]! * apart;
    }
    for (let j = 0; j < p.length; j++) p[j]! /= sum;
    const excess = Math.log(sum) + (precision * weighted) / sum - target;
    if (Math.abs(excess) < 1e-9) break;
    if (excess > 0) {
      low = precision;
      precision = high === Number.POSITIVE_INFINITY ? 2 * precision : (precision + high) / 2;
    } else {
      high = precision;
      precision = (low + precision) / 2;
    }
  }
  return p;
}

/**
 * How likely examples `x [n · d]` are to be neighbours: p(j | i) with Gaussians as wide as the perplexity asks for,
 * made symmetric (van der Maaten and Hinton 2008, equations 1 and 2). With `neighbours`, only so many of each count.
 */
export async function affinitiesOf(
  x: Float64Array,
  d: number,
  perplexity: number,
  neighbours?: number,
): Promise<Affinities> {
  const n = x.length / d;
  if (!(perplexity >= 1 && perplexity < n))
    throw new ArgumentError(
      "tsne",
      `perplexity is ${perplexity}, expected at least 1 and less than ${n}, the number of examples.`,
    );
  const k = Math.min(n - 1, neighbours ?? n - 1);
  const rows = Array.from({ length: n }, () => new Map<number, number>());
  const distances = new Float64Array(n);
  const order = new Int32Array(n);
  const breather = new Breather();
  for (let i = 0; i < n; i++) {
    await breather.breathe();
    distancesFrom(x, d, i, distances);
    const near = nearest(distances, k, i, order);
    const p = conditional(
      Float64Array.from(near, (j) => distances[j]!),
      perplexity,
    );
    near.forEach((j, at) => {
      const share = p[at]! / (2 * n);
      rows[i]!.set(j, (rows[i]!.get(j) ?? 0) + share);
      rows[j]!.set(i, (rows[j]!.get(i) ?? 0) + share);
    });
  }
  const starts = new Int32Array(n + 1);
  for (const [i, row] of rows.entries()) starts[i + 1] = starts[i]! + row.size;
  const columns = new Int32Array(starts[n]!);
  const values = new Float64Array(starts[n]!);
  for (const [i, row] of rows.entries()) {
    let at = starts[i]!;
    for (const [j, value] of row) {
      columns[at] = j;
      values[at++] = value;
    }
  }
  return { count: n, starts, columns, values };
}
