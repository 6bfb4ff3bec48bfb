import type { Spread } from "./spread.ts";

/** The spreads of one name at several steps, as the shared state carries them. */
export interface SpreadSeries {
  readonly name: string;
  /** float64: the steps, rising; NaN for values without a step. */
  readonly steps: ArrayBufferView;
  /** float32: seven numbers for each step. */
  readonly numbers: ArrayBufferView;
  /** uint32: the counts of the bins, for each step. */
  readonly counts: ArrayBufferView;
}

/** A spread at a step; NaN: without one. */
export interface SpreadAt extends Spread {
  readonly step: number;
}

const fields = ["low", "high", "mean", "deviation", "count", "zeros", "notFinite"] as const;

/** More steps than this are no picture any more. */
const mostSteps = 64;

/**
 * The spreads with one more, which takes the place of one at the same step. Of too many the one goes whose neighbours
 * are closest to one another: two gaps side by side are twice the mean gap on average, so none becomes wider than that.
 */
export function withSpread(spreads: readonly SpreadAt[], spread: SpreadAt): SpreadAt[] {
  const all = [...spreads.filter(({ step }) => !Object.is(step, spread.step)), spread];
  all.sort((a, b) => a.step - b.step);
  return all.length > mostSteps ? all.toSpliced(mostCrowded(all), 1) : all;
}

/** The position of the spread, neither the first nor the last, that leaves the narrowest gap. */
function mostCrowded(spreads: readonly SpreadAt[]): number {
  const gap = (index: number) => spreads[index + 1]!.step - spreads[index - 1]!.step;
  let found = 1;
  for (let index = 2; index < spreads.length - 1; index++) if (gap(index) < gap(found)) found = index;
  return found;
}

/** Packs the spreads of a name. */
export function packSpreads(name: string, spreads: readonly SpreadAt[]): SpreadSeries {
  return {
    name,
    steps: Float64Array.from(spreads, ({ step }) => step),
    numbers: Float32Array.from(spreads.flatMap((spread) => fields.map((field) => spread[field]))),
    counts: Uint32Array.from(spreads.flatMap(({ counts }) => Array.from(counts))),
  };
}

/** What was packed; the bytes may lie at any offset. */
export function unpackSpreads(series: SpreadSeries): SpreadAt[] {
  const steps = new Float64Array(copied(series.steps));
  const numbers = new Float32Array(copied(series.numbers));
  const counts = new Uint32Array(copied(series.counts));
  const bins = counts.length / steps.length;
  return Array.from(steps, (step, index) => {
    const of = fields.map((field, place) => [field, numbers[index * fields.length + place]!]);
    const spread = Object.fromEntries(of) as Record<(typeof fields)[number], number>;
    return { step, ...spread, counts: counts.subarray(index * bins, (index + 1) * bins) };
  });
}

function copied({ buffer, byteOffset, byteLength }: ArrayBufferView): ArrayBuffer {
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
