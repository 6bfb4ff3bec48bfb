import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** How far vectors are apart: 1 − the cosine of their angle, or the length of their difference. */
export type Distance = "cosine" | "euclidean";

export interface NearestOptions {
  /** 10 if not said. */
  readonly count?: number;
  /** `"euclidean"` if not said. */
  readonly distance?: Distance;
}

/** A row and how far it is from the query. */
export interface Neighbour {
  readonly index: number;
  readonly distance: number;
}

/** Rows divided by their lengths; rows of zeros stay. */
export function unitRows(x: Tensor): Tensor {
  const length = x.norm({ axis: -1, keepDims: true });
  return x.div(length.equal(0).where(1, length));
}

/**
 * The rows of `vectors [n, d]` that are nearest to each of `queries [m, d]`, the nearest first; of equally near ones the
 * first. All rows are looked at.
 * @throws ShapeError for widths that differ.
 *
 * @example
 * ```ts
 * import { inspect, tensor } from "gradbook";
 *
 * const vectors = tensor([[0, 0], [1, 0], [5, 5]]);
 * const [first] = await inspect.nearest(vectors, tensor([[2, 0]]), { count: 2 });
 * first!.map(({ index, distance }) => [index, distance]); // [[1, 1], [0, 2]]
 * ```
 */
export async function nearest(vectors: Tensor, queries: Tensor, options: NearestOptions = {}): Promise<Neighbour[][]> {
  const who = "nearest";
  const { count = 10, distance = "euclidean" } = options;
  if (vectors.rank !== 2 || queries.rank !== 2 || vectors.shape[1] !== queries.shape[1])
    throw new ShapeError(
      who,
      `vectors ${showShape(vectors.shape)} and queries ${showShape(queries.shape)}: expected [n, d] and [m, d].`,
      [vectors.shape, queries.shape],
    );
  if (!Number.isInteger(count) || count < 1)
    throw new ArgumentError(who, `count is ${count}, expected a positive integer.`);
  if (distance !== "cosine" && distance !== "euclidean")
    throw new ArgumentError(who, `distance is ${distance}, expected "cosine" or "euclidean".`);
  const rows = distance === "cosine" ? unitRows(vectors) : vectors;
  const found: Neighbour[][] = [];
  for (let i = 0; i < queries.shape[0]!; i++) {
    const query = queries.slice({ axis: 0, start: i, stop: i + 1 });
    // By differences: products would lose near rows to rounding.
    const apart = await (distance === "cosine"
      ? rows.matmul(unitRows(query).transpose()).neg().add(1).reshape([-1])
      : rows.sub(query).norm({ axis: 1 })
    ).data();
    found.push(smallest(apart, count));
  }
  return found;
}

/** The places of the smallest values, in order. */
export function smallest(values: ArrayLike<number>, count: number): Neighbour[] {
  const best: Neighbour[] = [];
  for (let index = 0; index < values.length; index++) {
    const distance = values[index]!;
    if (best.length === count && !(distance < best.at(-1)!.distance)) continue;
    let at = best.length;
    while (at > 0 && distance < best[at - 1]!.distance) at--;
    best.splice(at, 0, { index, distance });
    if (best.length > count) best.pop();
  }
  return best;
}
