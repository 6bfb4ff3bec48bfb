import type { Confusion } from "../data.ts";

/** A single mistake among hundreds should not glow like the worst one of a bad model. */
const leastWorst = 0.02;

/**
 * How strong each cell's colour is, from 0 to 1. Right answers by their share of the row, mistakes by their share
 * against the most frequent mistake, as otherwise one mistake in a hundred could not be seen; the square root of
 * both brings out small ones.
 */
export function cellStrengths({ counts, totals }: Confusion): number[][] {
  const shares = counts.map((row, truth) => row.map((count) => count / (totals[truth] || 1)));
  const worst = shares.reduce(
    (most, row, truth) =>
      row.reduce((high, share, predicted) => (truth === predicted ? high : Math.max(high, share)), most),
    leastWorst,
  );
  return shares.map((row, truth) =>
    row.map((share, predicted) => Math.sqrt(truth === predicted ? share : share / worst)),
  );
}
