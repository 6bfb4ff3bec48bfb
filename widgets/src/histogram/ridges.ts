import { type Axis, linearAxis } from "../picture/axis.ts";
import { linearTicks } from "../picture/ticks.ts";
import type { SpreadAt } from "./series.ts";

/** How the spreads of several steps are drawn: one behind the other, on one another, or the last one alone. */
export type RidgeView = "ridges" | "overlay" | "last";

/** Where something is drawn, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The outline of one spread. */
export interface Ridge {
  readonly spread: SpreadAt;
  /** How new it is: 0 the oldest, 1 the newest. */
  readonly age: number;
  /** The height of zero, in pixels from above. */
  readonly base: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Spreads in a box, the oldest first: each one hides what is behind it. */
export interface Ridges {
  readonly axis: Axis;
  readonly ridges: readonly Ridge[];
}

/** Lays the spreads out in a box. @param logarithmic counts by their logarithm, so that the few are seen beside the many */
export function ridgesOf(
  spreads: readonly SpreadAt[],
  box: Box,
  { view, logarithmic }: { readonly view: RidgeView; readonly logarithmic: boolean },
): Ridges {
  const seen = (view === "last" ? spreads.slice(-1) : spreads).filter(({ count }) => count > 0);
  const axis = axisOf(seen, box);
  const narrowest = seen.reduce((range, { low, high }) => Math.max(range, high - low), 0) / 400;
  const all = seen.map((spread) => heights(spread, logarithmic, narrowest));
  const most = all.reduce(
    (highest, own, index) => (isOne(seen[index]!) ? highest : own.reduce((a, b) => Math.max(a, b), highest)),
    Number.MIN_VALUE,
  );
  const apart = view === "ridges" && seen.length > 1;
  const bottom = box.top + box.height;
  const amplitude = apart ? box.height * 0.42 : box.height - 4;
  const ridges = seen.map((spread, index): Ridge => {
    const age = seen.length > 1 ? index / (seen.length - 1) : 1;
    const base = apart ? box.top + amplitude + age * (box.height - amplitude) : bottom;
    // All values are the same: a needle as high as there is room, for no bin has a width to divide by.
    const own = isOne(spread) ? [most] : all[index]!;
    const { x, y } = outline(spread, axis, own, (height) => base - (amplitude * height) / most);
    return { spread, age, base, x, y };
  });
  return { axis, ridges };
}

/** The bounds of a bin. */
export function boundsOf({ low, high, counts }: SpreadAt, bin: number): readonly [from: number, to: number] {
  const width = (high - low) / counts.length;
  return [low + bin * width, bin === counts.length - 1 ? high : low + (bin + 1) * width];
}

/** The bin of a value, or nothing where it is outside of all. */
export function binOf({ low, high, counts }: SpreadAt, value: number): number | undefined {
  if (low === high) return 0;
  const bin = Math.floor(((value - low) / (high - low)) * counts.length);
  return bin >= 0 && bin < counts.length ? bin : value === high ? counts.length - 1 : undefined;
}

function axisOf(spreads: readonly SpreadAt[], { left, width }: Box): Axis {
  let low = spreads.reduce((lowest, spread) => Math.min(lowest, spread.low), Number.POSITIVE_INFINITY);
  let high = spreads.reduce((highest, spread) => Math.max(highest, spread.high), Number.NEGATIVE_INFINITY);
  if (low > high) [low, high] = [0, 1];
  if (low === high) {
    const room = Math.abs(low) * 0.1 || 1;
    [low, high] = [low - room, high + room];
  }
  return linearAxis(low, high, left, left + width, linearTicks(low, high, Math.max(2, Math.round(width / 70))));
}

/** Whether all values are the same. */
function isOne({ low, high }: SpreadAt): boolean {
  return low === high;
}

/**
 * The height of each bin: the share of values per unit of width, so that all steps are equally large. Bins narrower than
 * can be seen count as wider: values that hardly differ, as biases at the beginning, would make all else look flat.
 */
function heights({ low, high, count, counts }: SpreadAt, logarithmic: boolean, narrowest: number): number[] {
  if (logarithmic) return Array.from(counts, (some) => Math.log1p(some));
  const width = Math.max((high - low) / counts.length, narrowest) || 1;
  return Array.from(counts, (some) => some / count / width);
}

function outline(spread: SpreadAt, axis: Axis, heights: readonly number[], at: (height: number) => number) {
  if (isOne(spread)) {
    const [place, top] = [axis.at(spread.low), at(heights[0]!)];
    return { x: [place - 1.5, place - 1.5, place + 1.5, place + 1.5], y: [at(0), top, top, at(0)] };
  }
  const x: number[] = [];
  const y: number[] = [];
  heights.forEach((height, bin) => {
    const [from, to] = boundsOf(spread, bin);
    x.push(axis.at(from), axis.at(to));
    y.push(at(height), at(height));
  });
  return { x: [x[0]!, ...x, x.at(-1)!], y: [at(0), ...y, at(0)] };
}
