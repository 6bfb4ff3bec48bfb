import { smallestNormal } from "./numbers.ts";
import { linearTicks, logTicks, type Tick } from "./ticks.ts";

/** From values to pixels along one direction, and back. */
export interface Axis {
  /** The values at its two ends. */
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly Tick[];
  /** The place of a value in pixels, NaN where it has none (a logarithm of zero). */
  at(value: number): number;
  /** The value at a place in pixels, also beyond the ends. */
  valueAt(pixel: number): number;
}

/** An axis whose ends are `low` and `high`, drawn from pixel `start` to pixel `end`. */
export function linearAxis(low: number, high: number, start: number, end: number, ticks: readonly Tick[]): Axis {
  const length = high - low || 1;
  return {
    low,
    high,
    ticks,
    at: (value) => start + ((value - low) / length) * (end - start),
    valueAt: (pixel) => low + ((pixel - start) / (end - start)) * length,
  };
}

/** An axis of logarithms; both ends are positive. */
export function logAxis(low: number, high: number, start: number, end: number, ticks: readonly Tick[]): Axis {
  const { at, valueAt } = linearAxis(Math.log(low), Math.log(high), start, end, []);
  return {
    low,
    high,
    ticks,
    at: (value) => (value > 0 ? at(Math.log(value)) : Number.NaN),
    valueAt: (pixel) => Math.exp(valueAt(pixel)),
  };
}

/** Which way values go along an axis. */
export type Scale = "linear" | "log";

/** A vertical axis between two ends, with marks where there is room for their words. */
export function verticalAxisBetween(scale: Scale, ends: readonly [number, number], bottom: number, top: number): Axis {
  const count = Math.max(2, Math.round((bottom - top) / 36));
  return scale === "log"
    ? logAxis(...ends, bottom, top, logTicks(...ends, count))
    : linearAxis(...ends, bottom, top, linearTicks(...ends, count));
}

/** A vertical axis that shows all `values` and, as outliers may leave the frame, most of the `background`. */
export function verticalAxis(
  scale: Scale,
  values: readonly number[],
  background: readonly number[],
  bottom: number,
  top: number,
): Axis {
  return verticalAxisBetween(scale, verticalEnds(scale, values, background), bottom, top);
}

const farthest = Number.MAX_VALUE / 4;

/** The ends of {@link verticalAxis}, with some room beyond the values. */
function verticalEnds(
  scale: Scale,
  values: readonly number[],
  background: readonly number[],
): readonly [low: number, high: number] {
  const usable = (value: number) => Number.isFinite(value) && (scale === "linear" || value > 0);
  const all = [...values.filter(usable), ...withoutOutliers(background.filter(usable))];
  let low = all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  let high = all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (all.length === 0) [low, high] = scale === "log" ? [0.1, 1] : [0, 1];
  if (scale === "log") {
    [low, high] = [Math.max(low, smallestNormal), Math.max(high, smallestNormal)];
    const decades = Math.log10(high) - Math.log10(low);
    const room = decades > 0 ? 10 ** (0.04 * decades) : 2;
    return [Math.max(low / room, smallestNormal), Math.min(high * room, Number.MAX_VALUE)];
  }
  // The length of the axis has to be a number as well.
  [low, high] = [Math.max(low, -farthest), Math.min(high, farthest)];
  if (high - low < smallestNormal) {
    const tenth = Math.abs(low) * 0.1;
    const room = tenth < smallestNormal ? 1 : tenth;
    [low, high] = low > 0 ? [0, high + room] : [low - room, high + room];
  }
  // A loss or an error that comes near zero should be seen against zero.
  if (low > 0 && low < 0.5 * high) low = 0;
  const room = (high - low) * 0.05;
  return [low === 0 ? 0 : low - room, high + room];
}

/** The middle 98 % of the values, as its two ends. */
function withoutOutliers(values: readonly number[]): number[] {
  if (values.length === 0) return [];
  const sorted = Float64Array.from(values).sort();
  const skip = Math.floor(sorted.length / 100);
  return [sorted[skip]!, sorted[sorted.length - 1 - skip]!];
}
