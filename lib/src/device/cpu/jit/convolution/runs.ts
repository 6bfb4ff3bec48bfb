/** The two orders in which a convolution is summed: that of `convolveCorrelated`, and that of `convolveShifted`. */
export type Order = "correlated" | "shifted";

/** Products summed in one go: what they read stays in the first-level cache, and short sums lose less in rounding. */
export const RUN: Readonly<Record<Order, number>> = { correlated: 512, shifted: 320 };

/** Channels of so many taps that fill a run; undefined where not one fits. */
export const channelsOfRun = (taps: number, order: Order): number | undefined =>
  taps <= RUN[order] ? Math.floor(RUN[order] / taps) : undefined;

/** Products that a run of `convolveShifted` sums. */
export function depthOfRun(taps: number): number {
  const channels = taps === 0 ? undefined : channelsOfRun(taps, "shifted");
  return channels === undefined ? RUN.shifted : channels * taps;
}
