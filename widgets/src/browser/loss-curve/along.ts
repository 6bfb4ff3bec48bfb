import { type Axis, linearAxis, logAxis } from "../../picture/axis.ts";
import { clockTicks, linearTicks, logTicks, timeTicks } from "../../picture/ticks.ts";
import type { Member } from "../../series/arrange.ts";
import type { CurveView, Horizontal } from "../../series/curve-state.ts";
import type { Run } from "../../series/run.ts";

/** What is written under the horizontal axis. */
export const horizontalNames: Readonly<Record<Horizontal, string>> = {
  step: "step",
  epoch: "epoch",
  time: "relative time",
  wall: "wall time",
};

/** A run's way along the horizontal axis: a column of its lines, and what that means in values of the axis. */
export interface Along {
  readonly column: "steps" | "seconds" | "walls";
  value(inColumn: number): number;
  inColumn(value: number): number;
}

export function along(x: Horizontal, run: Run): Along {
  if (x === "epoch")
    return {
      column: "steps",
      value: (step) => run.epochs.at(step, run.lastStep),
      inColumn: (epoch) => run.epochs.stepAt(epoch, run.lastStep),
    };
  const began = x === "wall" ? run.began / 1000 : 0;
  return {
    column: x === "step" ? "steps" : x === "time" ? "seconds" : "walls",
    value: (inColumn) => began + inColumn,
    inColumn: (value) => value - began,
  };
}

/** What can be on the axis: epochs only where a log has them. */
export function usable(x: Horizontal, runs: readonly Run[]): Horizontal {
  return x === "epoch" && !runs.some(({ epochs }) => epochs.known) ? "step" : x;
}

/** The first position of a sorted column, up to `length`, whose number is at least `value`. */
export function positionOf(column: Float64Array, length: number, value: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** From the first to the last value of all lines, on an axis of logarithms the first positive one. */
export function reach(members: readonly Member[], x: Horizontal, log: boolean): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { run, line } of members) {
    const { column, value } = along(x, run);
    const numbers = line[column];
    let first = 0;
    if (log) while (first < line.length && !(value(numbers[first]!) > 0)) first++;
    if (first >= line.length) continue;
    const [from, to] = [value(numbers[first]!), value(numbers[line.length - 1]!)];
    if (Number.isFinite(from)) low = Math.min(low, from);
    if (Number.isFinite(to)) high = Math.max(high, to);
  }
  if (low > high) [low, high] = log ? [1, 10] : [0, 1];
  // Training starts at the left edge, also where the first step is called 1.
  if (!log && x !== "wall" && low > 0 && low < 0.1 * high) low = 0;
  return low === high ? [low, log ? low * 10 : low + 1] : [low, high];
}

/** The horizontal axis, from the left to the right edge in pixels. */
export function horizontalAxis(
  [low, high]: readonly [number, number],
  { x, logX }: Pick<CurveView, "x" | "logX">,
  left: number,
  right: number,
): Axis {
  const count = Math.max(2, Math.round((right - left) / (x === "wall" ? 120 : 95)));
  if (logX && x !== "wall") return logAxis(low, high, left, right, logTicks(low, high, count));
  const ticks =
    x === "wall"
      ? clockTicks(low, high, count)
      : x === "time"
        ? timeTicks(low, high, count)
        : linearTicks(low, high, count, x === "step" || high - low >= 3);
  return linearAxis(low, high, left, right, ticks);
}
