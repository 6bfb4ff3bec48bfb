/** Eigenvalues in ascending order, and in column j of `vectors` the unit eigenvector of value j, whose largest entry is positive. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/**
 * Of a symmetric `n × n` matrix: reduced to three diagonals by Householder's reflections, then turned to one by QL steps
 * with implicit shifts (Wilkinson and Reinsch 1971, contributions II/2 and II/4).
 */
export function eigh(a: Float64Array, n: number): Eigen {
  const { basis, diagonal, beside } = tridiagonal(a, n);
  // Vectors as rows, so that each lies together while they turn.
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) vectors[j * n + i] = basis[i * n + j]!;
  diagonalise(diagonal, beside, vectors, n);
  return ordered(diagonal, vectors, n);
}

/** A = B T Bᵀ with T of three diagonals and B orthogonal. */
function tridiagonal(a: Float64Array, n: number) {
  const work = a.slice();
  const mirrors: Float64Array[] = [];
  for (let j = 0; j < n - 2; j++) {
    // Turns what stands below the subdiagonal of column j onto it.
    const v = new Float64Array(n);
    let tail = 0;
    for (let i = j + 1; i < n; i++) {
      v[i] = work[i * n + j]!;
      if (i > j + 1) tail += v[i]! ** 2;
    }
    if (tail > 0) {
      const first = v[j + 1]!;
      const length = Math.sqrt(first * first + tail);
      v[j + 1] = first + (first < 0 ? -length : length);
      const norm = Math.sqrt(tail + v[j + 1]! ** 2);
      for (let i = j + 1; i < n; i++) v[i]! /= norm;
      bothSides(work, n, v, j + 1);
    } else v.fill(0);
    mirrors.push(v);
  }
  const basis = new Float64Array(n * n);
  for (let i = 0; i < n; i++) basis[i * n + i] = 1;
  for (let j = mirrors.length - 1; j >= 0; j--) oneSide(basis, n, mirrors[j]!, j + 1);
  return {
    basis,
    diagonal: Float64Array.from({ length: n }, (_, i) => work[i * n + i]!),
    beside: Float64Array.from({ length: n }, (_, i) => (i < n - 1 ? work[(i + 1) * n + i]! : 0)),
  };
}

/** H A H for the reflection at v, which is zero before `from`: A − v wᵀ − w vᵀ. */
function bothSides(a: Float64Array, n: number, v: Float64Array, from: number): void {
  const w = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let k = from; k < n; k++) sum += a[i * n + k]! * v[k]!;
    w[i] = 2 * sum;
  }
  let half = 0;
  for (let k = from; k < n; k++) half += w[k]! * v[k]!;
  for (let k = from; k < n; k++) w[k]! -= half * v[k]!;
  for (let i = 0; i < n; i++) {
    for (let k = i < from ? from : 0; k < n; k++) a[i * n + k]! -= v[i]! * w[k]! + w[i]! * v[k]!;
  }
}

/** H B for the reflection at v. */
function oneSide(b: Float64Array, n: number, v: Float64Array, from: number): void {
  const along = new Float64Array(n);
  for (let i = from; i < n; i++) for (let c = 0; c < n; c++) along[c]! += v[i]! * b[i * n + c]!;
  for (let i = from; i < n; i++) for (let c = 0; c < n; c++) b[i * n + c]! -= 2 * v[i]! * along[c]!;
}

/** Rotations until nothing is left beside the diagonal; the vectors turn along. */
function diagonalise(d: Float64Array, e: Float64Array, vectors: Float64Array, n: number): void {
  for (let low = 0; low < n; low++) {
    for (let round = 0; ; round++) {
      // The block from `low` on ends where the entry beside the diagonal is lost in rounding.
      let high = low;
      while (high < n - 1) {
        const scale = Math.abs(d[high]!) + Math.abs(d[high + 1]!);
        if (Math.abs(e[high]!) <= Number.EPSILON * scale) break;
        high++;
      }
      // NaN never settles.
      if (high === low || round === 60) break;
      const gap = (d[low + 1]! - d[low]!) / (2 * e[low]!);
      const root = Math.hypot(gap, 1);
      let g = d[high]! - d[low]! + e[low]! / (gap + (gap < 0 ? -root : root));
      let [sine, cosine, carried] = [1, 1, 0];
      for (let i = high - 1; i >= low; i--) {
        const f = sine * e[i]!;
        const b = cosine * e[i]!;
        const r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1]! -= carried;
          e[high] = 0;
          break;
        }
        sine = f / r;
        cosine = g / r;
        const shifted = d[i + 1]! - carried;
        const turn = (d[i]! - shifted) * sine + 2 * cosine * b;
        carried = sine * turn;
        d[i + 1] = shifted + carried;
        g = cosine * turn - b;
        rotate(vectors, n, i, sine, cosine);
        if (i === low) {
          d[low]! -= carried;
          e[low] = g;
          e[high] = 0;
        }
      }
    }
  }
}

function rotate(vectors: Float64Array, n: number, i: number, sine: number, cosine: number): void {
  for (let k = i * n; k < (i + 1) * n; k++) {
    const [low, high] = [vectors[k]!, vectors[k + n]!];
    vectors[k + n] = sine * low + cosine * high;
    vectors[k] = cosine * low - sine * high;
  }
}

function ordered(d: Float64Array, rows: Float64Array, n: number): Eigen {
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => d[i]! - d[j]!);
  const vectors = new Float64Array(n * n);
  for (const [to, from] of order.entries()) {
    const row = rows.subarray(from * n, (from + 1) * n);
    let top = 0;
    for (const value of row) if (Math.abs(value) > Math.abs(top)) top = value;
    for (let k = 0; k < n; k++) vectors[k * n + to] = top < 0 ? -row[k]! : row[k]!;
  }
  return { values: Float64Array.from(order, (i) => d[i]!), vectors };
}
