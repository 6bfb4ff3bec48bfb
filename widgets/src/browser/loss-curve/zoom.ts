import type { Axis } from "../../picture/axis.ts";
import type { Zoom } from "../../series/curve-state.ts";

type Ends = readonly [number, number];

/** Everything is shown. */
export const whole: Zoom = { x: null, y: {} };

/** Closer than this part of the whole nobody needs to look. */
const closest = 1e-6;

/**
 * The ends of an axis after its picture was stretched around a place, to `factor` times what was to be seen.
 * @returns nothing where that is all there is
 */
export function stretched(axis: Axis, around: number, factor: number, all: Ends): Ends | null {
  const [start, end] = [axis.at(axis.low), axis.at(axis.high)];
  const ends: Ends = [axis.valueAt(around - (around - start) * factor), axis.valueAt(around + (end - around) * factor)];
  if (!(ends[1] - ends[0] > closest * (all[1] - all[0]))) return [axis.low, axis.high];
  return within(ends, all);
}

/** The ends of an axis after its picture was moved by so many pixels, but not beyond what there is. */
export function moved(axis: Axis, pixels: number, all: Ends): Ends {
  const [start, end] = [axis.at(axis.low), axis.at(axis.high)];
  const [first, last] = [axis.at(all[0]), axis.at(all[1])];
  const by = pixels > 0 ? Math.min(pixels, Math.max(0, last - end)) : Math.max(pixels, Math.min(0, first - start));
  return [axis.valueAt(start + by), axis.valueAt(end + by)];
}

/** Ends within all there is; nothing where they hold all of it. */
export function within([low, high]: Ends, all: Ends): Ends | null {
  const ends: Ends = [Math.max(low, all[0]), Math.min(high, all[1])];
  return ends[0] <= all[0] && ends[1] >= all[1] ? null : ends[1] > ends[0] ? ends : null;
}

/** The ends of an axis between two places in pixels, in whatever order. */
export function between(axis: Axis, a: number, b: number): Ends {
  const [low, high] = [axis.valueAt(a), axis.valueAt(b)];
  return low <= high ? [low, high] : [high, low];
}
