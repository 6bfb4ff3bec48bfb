/** One number for height and width, or one for each. */
export type Pair = number | readonly [number, number];

/** The numbers for height and width. */
export function pair(value: Pair | undefined, otherwise: number): readonly [number, number] {
  if (value === undefined) return [otherwise, otherwise];
  return typeof value === "number" ? [value, value] : value;
}

/** One number for depth, height and width, or one for each. */
export type Triple = number | readonly [number, number, number];

/** The numbers for depth, height and width. */
export function triple(value: Triple | undefined, otherwise: number): readonly [number, number, number] {
  if (value === undefined) return [otherwise, otherwise, otherwise];
  return typeof value === "number" ? [value, value, value] : value;
}
