import { qr } from "./qr.ts";

/** A = U S Vᵀ: `u` is `m × k`, `v` is `n × k`, the k values descend, and the largest entry of each column of v is positive. */
export interface SingularValues {
  readonly u: Float64Array;
  readonly s: Float64Array;
  readonly v: Float64Array;
}

/**
 * By one-sided rotations (Hestenes 1958), which find small singular values to full relative precision; a tall matrix is
 * first brought to a square one.
 */
export function svd(a: Float64Array, m: number, n: number): SingularValues {
  if (m < n) {
    const { u, s, v } = svd(transposed(a, m, n), n, m);
    return signed({ u: v, s, v: u }, m, n, m);
  }
  const { q, r } = qr(a, m, n);
  // Columns of R as rows, so that each lies together.
  const columns = transposed(r, n, n);
  const turns = new Float64Array(n * n);
  for (let i = 0; i < n; i++) turns[i * n + i] = 1;
  for (let sweep = 0; sweep < 60; sweep++) if (!orthogonalise(columns, turns, n)) break;
  const lengths = Float64Array.from({ length: n }, (_, i) => length(columns, n, i));
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => lengths[j]! - lengths[i]!);
  const left = completed(columns, lengths, order, n);
  const u = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += q[i * n + k]! * left[j * n + k]!;
      u[i * n + j] = sum;
    }
  }
  const v = new Float64Array(n * n);
  for (const [j, from] of order.entries()) for (let i = 0; i < n; i++) v[i * n + j] = turns[from * n + i]!;
  return signed({ u, s: Float64Array.from(order, (i) => lengths[i]!), v }, m, n, n);
}

/** One sweep over all pairs of rows; false where all were orthogonal already. */
function orthogonalise(rows: Float64Array, turns: Float64Array, n: number): boolean {
  let turned = false;
  for (let p = 0; p < n; p++) {
    for (let q = p + 1; q < n; q++) {
      let [pp, qq, pq] = [0, 0, 0];
      for (let k = 0; k < n; k++) {
        const [x, y] = [rows[p * n + k]!, rows[q * n + k]!];
        pp += x * x;
        qq += y * y;
        pq += x * y;
      }
      if (!(Math.abs(pq) > Number.EPSILON * Math.sqrt(pp * qq))) continue;
      turned = true;
      const ratio = (qq - pp) / (2 * pq);
      const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(1, ratio));
      const cosine = 1 / Math.hypot(1, tangent);
      turn(rows, n, p, q, cosine, cosine * tangent);
      turn(turns, n, p, q, cosine, cosine * tangent);
    }
  }
  return turned;
}

function turn(rows: Float64Array, n: number, p: number, q: number, cosine: number, sine: number): void {
  for (let k = 0; k < n; k++) {
    const [x, y] = [rows[p * n + k]!, rows[q * n + k]!];
    rows[p * n + k] = cosine * x - sine * y;
    rows[q * n + k] = sine * x + cosine * y;
  }
}

function length(rows: Float64Array, n: number, i: number): number {
  let square = 0;
  for (let k = 0; k < n; k++) square += rows[i * n + k]! ** 2;
  return Math.sqrt(square);
}

/** Unit vectors in order as rows; where the length is lost in rounding, one that is orthogonal to all before. */
function completed(rows: Float64Array, lengths: Float64Array, order: readonly number[], n: number): Float64Array {
  const left = new Float64Array(n * n);
  const least = Number.EPSILON * n * (lengths[order[0] ?? 0] ?? 0);
  for (const [j, from] of order.entries()) {
    const row = left.subarray(j * n, (j + 1) * n);
    if (lengths[from]! > least) {
      for (let k = 0; k < n; k++) row[k] = rows[from * n + k]! / lengths[from]!;
      continue;
    }
    if (Number.isNaN(lengths[from]!)) {
      row.fill(Number.NaN);
      continue;
    }
    for (let axis = 0; axis < n; axis++) {
      row.fill(0);
      row[axis] = 1;
      for (let pass = 0; pass < 2; pass++) {
        for (let i = 0; i < j; i++) {
          let along = 0;
          for (let k = 0; k < n; k++) along += left[i * n + k]! * row[k]!;
          for (let k = 0; k < n; k++) row[k]! -= along * left[i * n + k]!;
        }
      }
      const norm = length(left, n, j);
      if (norm < 1e-3) continue;
      for (let k = 0; k < n; k++) row[k]! /= norm;
      break;
    }
  }
  return left;
}

function transposed(a: Float64Array, m: number, n: number): Float64Array {
  const turned = new Float64Array(a.length);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) turned[j * m + i] = a[i * n + j]!;
  return turned;
}

function signed({ u, s, v }: SingularValues, m: number, n: number, k: number): SingularValues {
  for (let j = 0; j < k; j++) {
    let top = 0;
    for (let i = 0; i < n; i++) if (Math.abs(v[i * k + j]!) > Math.abs(top)) top = v[i * k + j]!;
    if (top >= 0) continue;
    for (let i = 0; i < n; i++) v[i * k + j] = -v[i * k + j]!;
    for (let i = 0; i < m; i++) u[i * k + j] = -u[i * k + j]!;
  }
  return { u, s, v };
}
