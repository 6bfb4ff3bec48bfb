/** P A = L U with the largest pivot of each column: both triangles in place, and which row went where. */
export interface Triangles {
  readonly lu: Float64Array;
  readonly rows: Int32Array;
  /** −1 after an odd number of exchanges. */
  readonly sign: number;
}

/** Gaussian elimination with partial pivoting of an `n × n` matrix. */
export function eliminate(a: Float64Array, n: number): Triangles {
  const lu = a.slice();
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  let sign = 1;
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(lu[i * n + k]!) > Math.abs(lu[best * n + k]!)) best = i;
    if (best !== k) {
      exchange(lu, n, k, best);
      [rows[k], rows[best]] = [rows[best]!, rows[k]!];
      sign = -sign;
    }
    const pivot = lu[k * n + k]!;
    if (pivot === 0) continue;
    for (let i = k + 1; i < n; i++) {
      const factor = lu[i * n + k]! / pivot;
      lu[i * n + k] = factor;
      for (let j = k + 1; j < n; j++) lu[i * n + j]! -= factor * lu[k * n + j]!;
    }
  }
  return { lu, rows, sign };
}

function exchange(a: Float64Array, n: number, i: number, j: number): void {
  for (let k = 0; k < n; k++) [a[i * n + k], a[j * n + k]] = [a[j * n + k]!, a[i * n + k]!];
}

/** X with A X = B, `n × columns`; infinite or NaN where A is singular. */
export function solve(a: Float64Array, b: Float64Array, n: number, columns: number): Float64Array {
  const { lu, rows } = eliminate(a, n);
  const x = new Float64Array(n * columns);
  for (let i = 0; i < n; i++) x.set(b.subarray(rows[i]! * columns, (rows[i]! + 1) * columns), i * columns);
  substitute(lu, x, n, columns, { lower: true, unit: true });
  substitute(lu, x, n, columns, { lower: false, unit: false });
  return x;
}

/** Solves T X = B in place, where T is one triangle of `t` (with ones on its diagonal, if `unit`). */
export function substitute(
  t: Float64Array,
  x: Float64Array,
  n: number,
  columns: number,
  { lower, unit }: { readonly lower: boolean; readonly unit: boolean },
): void {
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step;
    for (let k = lower ? 0 : i + 1; k < (lower ? i : n); k++) {
      const factor = t[i * n + k]!;
      if (factor === 0) continue;
      for (let c = 0; c < columns; c++) x[i * columns + c]! -= factor * x[k * columns + c]!;
    }
    if (unit) continue;
    const pivot = t[i * n + i]!;
    for (let c = 0; c < columns; c++) x[i * columns + c]! /= pivot;
  }
}

/** The sign of the determinant and the logarithm of its size. */
export function determinant(a: Float64Array, n: number): { readonly sign: number; readonly log: number } {
  const { lu, sign } = eliminate(a, n);
  let log = 0;
  let turned = sign;
  for (let i = 0; i < n; i++) {
    const pivot = lu[i * n + i]!;
    log += Math.log(Math.abs(pivot));
    turned *= Math.sign(pivot);
  }
  return { sign: turned, log };
}
