/** A point of the input, one or two numbers. */
export type Point = readonly number[];

/** `weight · x + bias`. */
export interface Affine {
  readonly weight: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

/** A convex part of the input, and what reaches the units of a layer there. */
export interface Cell {
  readonly corners: readonly Point[];
  readonly active: readonly (readonly boolean[])[];
  readonly map: Affine;
}

/** What is nearer to a border than this, relative to the values there, lies on it. */
const near = 1e-9;

/** A cell cut by the borders of all units of a layer; in each part, what lets through and the rectified function. */
export function divided(cell: Cell): Cell[] {
  let parts: { corners: readonly Point[]; active: boolean[] }[] = [{ corners: cell.corners, active: [] }];
  for (const [unit, row] of cell.map.weight.entries()) {
    const value = (x: Point) => x.reduce((sum, coordinate, i) => sum + coordinate * row[i]!, cell.map.bias[unit]!);
    parts = parts.flatMap(({ corners, active }) => {
      const values = corners.map(value);
      const least = near * Math.max(...values.map(Math.abs));
      const [above, below] = [values.some((v) => v > least), values.some((v) => v < -least)];
      if (!above || !below) return [{ corners, active: [...active, above] }];
      return [
        { corners: kept(corners, values, 1), active: [...active, true] },
        { corners: kept(corners, values, -1), active: [...active, false] },
      ];
    });
  }
  return parts.map(({ corners, active }) => ({
    corners,
    active: [...cell.active, active],
    map: {
      weight: cell.map.weight.map((row, unit) => (active[unit] ? row : row.map(() => 0))),
      bias: cell.map.bias.map((value, unit) => (active[unit] ? value : 0)),
    },
  }));
}

/** The part of a convex cell on one side of the border where the values are zero (Sutherland and Hodgman 1974). */
function kept(corners: readonly Point[], values: readonly number[], side: 1 | -1): Point[] {
  const least = near * Math.max(...values.map(Math.abs));
  const sides = values.map((value) => (Math.abs(value) <= least ? 0 : Math.sign(value) * side));
  return corners.flatMap((corner, i) => {
    const next = (i + 1) % corners.length;
    const own = sides[i]! >= 0 ? [corner] : [];
    // An interval has one edge, not two.
    if (sides[i]! * sides[next]! >= 0 || (corners.length === 2 && corner.length === 1 && next === 0)) return own;
    const share = values[i]! / (values[i]! - values[next]!);
    return [...own, corner.map((coordinate, k) => coordinate + share * (corners[next]![k]! - coordinate))];
  });
}

/** Length of an interval, area of a polygon. */
export function measure(corners: readonly Point[]): number {
  if (corners[0]!.length === 1) return Math.abs(corners[1]![0]! - corners[0]![0]!);
  const twice = corners.reduce((sum, [x, y], i) => {
    const [u, v] = corners[(i + 1) % corners.length]!;
    return sum + x! * v! - u! * y!;
  }, 0);
  return Math.abs(twice) / 2;
}
