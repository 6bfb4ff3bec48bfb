import { ArgumentError } from "../tensor/errors.ts";
import type { Stream } from "./stream.ts";

/** @internal A normal draw that lies between two bounds, in deviations from the mean (Robert 1995). */
export function truncatedNormal(stream: Stream, low: number, high: number): number {
  if (low > -high) {
    // The nearer bound on the left, so that tails lie above.
    if (low > 0.5) return tailNormal(stream, low, high);
  } else if (high < -0.5) return -tailNormal(stream, -high, -low);
  if (high - low > 2) {
    for (;;) {
      const z = stream.normal();
      if (z >= low && z <= high) return z;
    }
  }
  const nearest = Math.min(Math.max(0, low), high);
  for (;;) {
    const z = low + (high - low) * stream.uniform();
    if (Math.log(stream.uniform()) <= (nearest * nearest - z * z) / 2) return z;
  }
}

/** Above a bound that is positive: an exponential hat, or a flat one where the stretch is short. */
function tailNormal(stream: Stream, low: number, high: number): number {
  const slope = (low + Math.sqrt(low * low + 4)) / 2;
  const short = (high - low) * slope < 1;
  for (;;) {
    const z = short ? low + (high - low) * stream.uniform() : low + stream.exponential() / slope;
    const log = short ? (low * low - z * z) / 2 : -((z - slope) ** 2) / 2;
    if (z <= high && Math.log(stream.uniform()) <= log) return z;
  }
}

/** @internal `count` places drawn again and again with probabilities in proportion to the weights. */
export function withReplacement(stream: Stream, weights: readonly number[], count: number): Int32Array {
  const sums: number[] = [];
  for (const weight of weights) sums.push((sums.at(-1) ?? 0) + weight);
  const total = sums.at(-1)!;
  return Int32Array.from({ length: count }, () => {
    const at = stream.uniform() * total;
    let [from, to] = [0, sums.length - 1];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (sums[middle]! > at) to = middle;
      else from = middle + 1;
    }
    return from;
  });
}

/**
 * @internal `count` different places, each next one with probability in proportion to the weights of those left: the
 * first to come, if each comes after an exponential time with its weight for rate (Efraimidis and Spirakis 2006).
 */
export function withoutReplacement(stream: Stream, weights: readonly number[], count: number): Int32Array {
  const times = weights.map((weight) => stream.exponential() / weight);
  const order = times.map((_, i) => i).sort((a, b) => times[a]! - times[b]!);
  return Int32Array.from(order.slice(0, count));
}

/** @internal The largest float32 below a number. */
export function floatBelow(x: number): number {
  const near = new Float32Array([x]);
  if (near[0]! < x) return near[0]!;
  // The words of positive floats are in their order, those of negative ones in the opposite.
  const word = new Int32Array(near.buffer);
  word[0] = near[0] === 0 ? -0x7fffffff : word[0]! + (near[0]! > 0 ? -1 : 1);
  return near[0]!;
}

/** @internal Refuses what must be positive. */
export function requirePositive(who: string, what: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY))
    throw new ArgumentError(who, `${what} is ${value}, expected a positive number.`);
}

/** @internal Refuses a rate whose counts may be beyond int32. */
export function requireCountable(who: string, rate: number): void {
  if (rate > 2e9)
    throw new ArgumentError(who, `rate is ${rate}, expected at most 2e9: counts are int32. Draw from a normal law.`);
}

/** @internal Refuses a number of trials that is none, or beyond int32. */
export function requireTrials(who: string, trials: number): void {
  if (!(Number.isInteger(trials) && trials >= 0 && trials < 2 ** 31))
    throw new ArgumentError(who, `trials is ${trials}, expected a whole number from 0 to 2³¹ − 1.`);
}

/** @internal Weights as they are, if there are any. */
export function requireWeights(who: string, weights: ArrayLike<number>): number[] {
  const list = Array.from(weights);
  const odd = list.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (odd >= 0) throw new ArgumentError(who, `weight ${odd} is ${list[odd]}, expected 0 or more.`);
  if (!list.some((weight) => weight > 0)) throw new ArgumentError(who, "no weight is positive, expected one at least.");
  return list;
}
