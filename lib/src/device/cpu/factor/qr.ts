/**
 * A = Q R by Householder's reflections (1958), with a diagonal of R that is not negative: `q` is `m × k` and `r` is
 * `k × n`, where k is the smaller of both sizes.
 */
export function qr(a: Float64Array, m: number, n: number): { readonly q: Float64Array; readonly r: Float64Array } {
  const k = Math.min(m, n);
  const work = a.slice();
  const mirrors = Array.from({ length: k }, (_, j) => reflect(work, m, n, j));
  // Q is what the reflections, in reverse, make of the first columns of the identity.
  const q = new Float64Array(m * k);
  for (let i = 0; i < k; i++) q[i * k + i] = 1;
  for (let j = k - 1; j >= 0; j--) mirror(q, m, k, j, mirrors[j]!);
  const r = new Float64Array(k * n);
  for (let i = 0; i < k; i++) {
    const sign = work[i * n + i]! < 0 ? -1 : 1;
    for (let j = i; j < n; j++) r[i * n + j] = sign * work[i * n + j]!;
    if (sign < 0) for (let row = 0; row < m; row++) q[row * k + i] = -q[row * k + i]!;
  }
  return { q, r };
}

/** Turns column j, from row j on, onto the axis; what did it is a unit vector. */
function reflect(work: Float64Array, m: number, n: number, j: number): Float64Array {
  const v = new Float64Array(m - j);
  let tail = 0;
  for (let i = j; i < m; i++) {
    v[i - j] = work[i * n + j]!;
    if (i > j) tail += v[i - j]! ** 2;
  }
  const length = Math.sqrt(v[0]! ** 2 + tail);
  v[0]! += v[0]! < 0 ? -length : length;
  const norm = Math.sqrt(v[0]! ** 2 + tail);
  if (norm > 0) for (let i = 0; i < v.length; i++) v[i]! /= norm;
  mirror(work, m, n, j, v);
  return v;
}

/** Mirrors the columns of a matrix, from row `from` on, at the plane orthogonal to v. */
function mirror(a: Float64Array, m: number, n: number, from: number, v: Float64Array): void {
  const along = new Float64Array(n);
  for (let i = from; i < m; i++) for (let c = 0; c < n; c++) along[c]! += v[i - from]! * a[i * n + c]!;
  for (let i = from; i < m; i++) for (let c = 0; c < n; c++) a[i * n + c]! -= 2 * v[i - from]! * along[c]!;
}
