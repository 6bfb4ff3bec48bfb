/** How values are spread: counted in bins of equal width from the lowest to the highest. */
export interface Spread {
  /** The lowest and the highest finite value; NaN when there is none. */
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  /** Standard deviation, with n in the denominator. */
  readonly deviation: number;
  /** How many values are finite, zero, and not finite; the latter are in no bin. */
  readonly count: number;
  readonly zeros: number;
  readonly notFinite: number;
  readonly counts: ArrayLike<number>;
}

/** Counts values. Where all are the same, the first bin has them. */
export function spreadOf(values: ArrayLike<number>, bins: number): Spread {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [sum, count, zeros] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
    if (value === 0) zeros++;
    sum += value;
    count++;
  }
  const mean = sum / count;
  const counts = new Uint32Array(bins);
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!Number.isFinite(value)) continue;
    squares += (value - mean) ** 2;
    const bin = high > low ? Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins)) : 0;
    counts[bin]! += 1;
  }
  const deviation = Math.sqrt(squares / count);
  const ends = count === 0 ? { low: Number.NaN, high: Number.NaN } : { low, high };
  return { ...ends, mean, deviation, count, zeros, notFinite: values.length - count, counts };
}
