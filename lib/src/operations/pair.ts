/** One number for height and width, or one for each. */
export type Pair = number | readonly [number, number];

/** The numbers for height and width. */
export function pair(value: Pair | undefined, otherwise: number): readonly [number, number] {
  if (value === undefined) return [otherwise, otherwise];
  return typeof value === "number" ? [value, value] : value;
}
