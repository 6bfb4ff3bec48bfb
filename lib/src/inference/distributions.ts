import { ArgumentError } from "../tensor/errors.ts";

/** Refuses rows that are no probabilities or not of one length. */
export function requireDistributions(who: string, of: string, rows: readonly (readonly number[])[]): void {
  const width = rows[0]?.length ?? 0;
  if (width === 0) throw new ArgumentError(who, `no probabilities, expected a row for each ${of}.`);
  rows.forEach((row, i) => {
    if (row.length !== width)
      throw new ArgumentError(
        who,
        `the row of ${of} ${i} has ${row.length} probabilities, that of ${of} 0 has ${width}.`,
      );
    const sum = row.reduce((total, p) => total + p, 0);
    if (row.some((p) => !(p >= 0)) || Math.abs(sum - 1) > 1e-6)
      throw new ArgumentError(
        who,
        `the probabilities of ${of} ${i} add up to ${sum}, expected numbers that add up to 1.`,
      );
  });
}

/** Counts as probabilities; where there are none, those from before. */
export function normalised(counts: readonly number[], before: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total > 0 ? counts.map((count) => count / total) : [...before];
}
