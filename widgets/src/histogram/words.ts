import { formatNumber, grouped, percent } from "../picture/numbers.ts";
import { boundsOf } from "./ridges.ts";
import type { SpreadAt } from "./series.ts";

/** A spread in numbers. */
export function wordsOfSpread({ low, high, mean, deviation, count, zeros, notFinite }: SpreadAt): string {
  if (count === 0) return notFinite > 0 ? `${grouped(notFinite)} values, none finite` : "no values";
  const parts = [`mean ${formatNumber(mean)}`, `deviation ${formatNumber(deviation)}`];
  if (low === high) parts[0] = `all ${formatNumber(low)}`;
  if (zeros > 0) parts.push(`${percent(zeros / count)} zeros`);
  if (notFinite > 0) parts.push(`${grouped(notFinite)} not finite`);
  return parts.join(", ");
}

/** A bin in numbers. */
export function wordsOfBin(spread: SpreadAt, bin: number | undefined): string {
  if (bin === undefined) return "no values here";
  const [from, to] = boundsOf(spread, bin).map(formatNumber);
  const some = spread.counts[bin]!;
  const range = spread.low === spread.high ? from : `${from} … ${to}`;
  return `${range}: ${grouped(some)} ${some === 1 ? "value" : "values"}, ${percent(some / spread.count)}`;
}

/** A step as it is written, or nothing where there is none. */
export function wordsOfStep(step: number): string {
  return Number.isNaN(step) ? "" : `step ${formatNumber(step)}`;
}
