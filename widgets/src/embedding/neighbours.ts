import type { Measure } from "./state.ts";

/** Points that are nearest to one, the nearest first. */
export interface Nearest {
  readonly indices: readonly number[];
  readonly distances: readonly number[];
}

/**
 * The `k` rows of `vectors [count, width]` nearest to row `point`, itself left out; of equally near ones the first.
 * The cosine distance is 1 − the cosine of the angle between two rows; a row of zeros is at distance 1 from all.
 */
export function nearestTo(
  vectors: ArrayLike<number>,
  width: number,
  point: number,
  k: number,
  measure: Measure,
): Nearest {
  const count = vectors.length / width;
  const distance = measure === "cosine" ? cosine(vectors, width, point) : euclidean(vectors, width, point);
  const indices: number[] = [];
  const distances: number[] = [];
  for (let row = 0; row < count; row++) {
    if (row === point) continue;
    const apart = distance(row);
    if (Number.isNaN(apart) || (indices.length === k && apart >= distances[k - 1]!)) continue;
    let at = indices.length;
    while (at > 0 && apart < distances[at - 1]!) at--;
    indices.splice(at, 0, row);
    distances.splice(at, 0, apart);
    if (indices.length > k) {
      indices.pop();
      distances.pop();
    }
  }
  return { indices, distances };
}

function euclidean(vectors: ArrayLike<number>, width: number, point: number): (row: number) => number {
  return (row) => {
    let sum = 0;
    for (let k = 0, a = point * width, b = row * width; k < width; k++, a++, b++) {
      const apart = vectors[a]! - vectors[b]!;
      sum += apart * apart;
    }
    return Math.sqrt(sum);
  };
}

function cosine(vectors: ArrayLike<number>, width: number, point: number): (row: number) => number {
  let own = 0;
  for (let k = 0; k < width; k++) own += vectors[point * width + k]! ** 2;
  return (row) => {
    let [product, square] = [0, 0];
    for (let k = 0, a = point * width, b = row * width; k < width; k++, a++, b++) {
      product += vectors[a]! * vectors[b]!;
      square += vectors[b]! * vectors[b]!;
    }
    const lengths = Math.sqrt(own * square);
    // Rounding would put a row's double a hair closer than itself.
    return lengths === 0 ? 1 : Math.max(0, 1 - product / lengths);
  };
}
