import { program, type Way } from "./factor-program.ts";

/** What single precision tells apart. */
const EPSILON = "1.1920929e-7";

/** The angle's sine and cosine that make two vectors orthogonal, from their squares and their product. */
const angle = `let ratio = (qq - pp) / (2.0 * pq);
        let tangent = select(1.0, -1.0, ratio < 0.0) / (abs(ratio) + select(sqrt(1.0 + ratio * ratio), abs(ratio), abs(ratio) > 1e18));
        let cosine = 1.0 / sqrt(1.0 + tangent * tangent);
        let sine = cosine * tangent;`;

/** Turns rows p and q, of that length, of the matrix at `at` into each other. */
const turn = (at: string, size: string) => `for (var l = 0; l < ${size}; l++) {
          let x = Y1[${at} + p * ${size} + l];
          let z = Y1[${at} + q * ${size} + l];
          Y1[${at} + p * ${size} + l] = cosine * x - sine * z;
          Y1[${at} + q * ${size} + l] = sine * x + cosine * z;
        }`;

/** Puts the places of `n` values at `values` in order to `order`; a NaN stays where it is. */
const ordered = (
  n: string,
  before: (a: string, b: string) => string,
) => `for (var r = 0; r < ${n}; r++) { Y1[order + r] = f32(r); }
  for (var r = 0; r < ${n}; r++) {
    var best = r;
    for (var c = r + 1; c < ${n}; c++) {
      if (${before("Y1[values + i32(Y1[order + c])]", "Y1[values + i32(Y1[order + best])]")}) { best = c; }
    }
    let held = Y1[order + best];
    for (var c = best; c > r; c--) { Y1[order + c] = Y1[order + c - 1]; }
    Y1[order + r] = held;
  }`;

/**
 * Eigenvalues, ascending, and vectors in columns, the largest entry of each positive: by turning rows and columns until
 * nothing is left beside the diagonal (Jacobi 1846).
 */
export const eigh: Way = {
  parts: (_, n) => n + n * n,
  work: (_, n) => 2 * n * n + 2 * n,
  source: program(`let vectors = w + n * n;
  let values = vectors + n * n;
  let order = values + n;
  for (var e = 0; e < n * n; e++) { Y1[w + e] = A0[a + e]; Y1[vectors + e] = select(0.0, 1.0, e / n == e % n); }
  for (var sweep = 0; sweep < 40; sweep++) {
    var turned = false;
    for (var p = 0; p < n; p++) {
      for (var q = p + 1; q < n; q++) {
        let pp = Y1[w + p * n + p];
        let qq = Y1[w + q * n + q];
        let pq = Y1[w + p * n + q];
        if (!(abs(pq) > 0.25 * ${EPSILON} * sqrt(abs(pp * qq))) || abs(pq) < 1e-37) { continue; }
        turned = true;
        ${angle}
        ${turn("w", "n")}
        for (var l = 0; l < n; l++) {
          let x = Y1[w + l * n + p];
          let z = Y1[w + l * n + q];
          Y1[w + l * n + p] = cosine * x - sine * z;
          Y1[w + l * n + q] = sine * x + cosine * z;
        }
        Y1[w + p * n + q] = 0.0;
        Y1[w + q * n + p] = 0.0;
        ${turn("vectors", "n")}
      }
    }
    if (!turned) { break; }
  }
  for (var r = 0; r < n; r++) { Y1[values + r] = Y1[w + r * n + r]; }
  ${ordered("n", (a, b) => `${a} < ${b}`)}
  for (var c = 0; c < n; c++) {
    let row = i32(Y1[order + c]);
    Y0[y + c] = Y1[values + row];
    var top = 0.0;
    for (var l = 0; l < n; l++) { if (abs(Y1[vectors + row * n + l]) > abs(top)) { top = Y1[vectors + row * n + l]; } }
    for (var l = 0; l < n; l++) { Y0[y + n + l * n + c] = select(1.0, -1.0, top < 0.0) * Y1[vectors + row * n + l]; }
  }`),
};

/**
 * Singular values, descending, between U and V, whose columns have a positive largest entry in V: by turning the columns
 * of a tall matrix, or the rows of a wide one, until they are orthogonal (Hestenes 1958).
 */
export const svd: Way = {
  parts: (m, n) => (m + 1 + n) * Math.min(m, n),
  work: (m, n) => m * n + Math.min(m, n) ** 2 + 3 * Math.min(m, n) + Math.max(m, n) * Math.min(m, n),
  source: program(`let tall = m >= n;
  let long = max(m, n);
  let turns = w + m * n;
  let values = turns + k * k;
  let order = values + k;
  let left = order + 2 * k;
  for (var e = 0; e < m * n; e++) {
    let place = select(e, (e % n) * m + e / n, tall);
    Y1[w + place] = A0[a + e];
  }
  for (var e = 0; e < k * k; e++) { Y1[turns + e] = select(0.0, 1.0, e / k == e % k); }
  for (var sweep = 0; sweep < 40; sweep++) {
    var turned = false;
    for (var p = 0; p < k; p++) {
      for (var q = p + 1; q < k; q++) {
        var pp = 0.0;
        var qq = 0.0;
        var pq = 0.0;
        for (var l = 0; l < long; l++) {
          let x = Y1[w + p * long + l];
          let z = Y1[w + q * long + l];
          pp = pp + x * x;
          qq = qq + z * z;
          pq = pq + x * z;
        }
        if (!(abs(pq) > ${EPSILON} * sqrt(pp) * sqrt(qq)) || abs(pq) < 1e-37) { continue; }
        turned = true;
        ${angle}
        ${turn("w", "long")}
        ${turn("turns", "k")}
      }
    }
    if (!turned) { break; }
  }
  for (var r = 0; r < k; r++) {
    var square = 0.0;
    for (var l = 0; l < long; l++) { square = square + Y1[w + r * long + l] * Y1[w + r * long + l]; }
    Y1[values + r] = sqrt(square);
  }
  ${ordered("k", (a, b) => `${a} > ${b}`)}
  let least = ${EPSILON} * f32(k) * Y1[values + i32(Y1[order])];
  for (var c = 0; c < k; c++) {
    let row = i32(Y1[order + c]);
    let size = Y1[values + row];
    let own = left + c * long;
    if (size > least || is_nan(size)) {
      for (var l = 0; l < long; l++) { Y1[own + l] = Y1[w + row * long + l] / size; }
      continue;
    }
    // Where the length is lost in rounding: a unit vector that is orthogonal to all before.
    for (var axis = 0; axis < long; axis++) {
      for (var l = 0; l < long; l++) { Y1[own + l] = select(0.0, 1.0, l == axis); }
      for (var round_of = 0; round_of < 2; round_of++) {
        for (var p = 0; p < c; p++) {
          var along = 0.0;
          for (var l = 0; l < long; l++) { along = along + Y1[left + p * long + l] * Y1[own + l]; }
          for (var l = 0; l < long; l++) { Y1[own + l] = Y1[own + l] - along * Y1[left + p * long + l]; }
        }
      }
      var square = 0.0;
      for (var l = 0; l < long; l++) { square = square + Y1[own + l] * Y1[own + l]; }
      if (square < 1e-3) { continue; }
      for (var l = 0; l < long; l++) { Y1[own + l] = Y1[own + l] / sqrt(square); }
      break;
    }
  }
  let u = y;
  let s = y + m * k;
  let v = s + k;
  for (var c = 0; c < k; c++) {
    let row = i32(Y1[order + c]);
    Y0[s + c] = Y1[values + row];
    var top = 0.0;
    for (var l = 0; l < n; l++) {
      let x = select(Y1[left + c * long + min(l, long - 1)], Y1[turns + row * k + min(l, k - 1)], tall);
      if (abs(x) > abs(top)) { top = x; }
    }
    let turn = select(1.0, -1.0, top < 0.0);
    for (var l = 0; l < m; l++) {
      Y0[u + l * k + c] = turn * select(Y1[turns + row * k + min(l, k - 1)], Y1[left + c * long + min(l, long - 1)], tall);
    }
    for (var l = 0; l < n; l++) {
      Y0[v + l * k + c] = turn * select(Y1[left + c * long + min(l, long - 1)], Y1[turns + row * k + min(l, k - 1)], tall);
    }
  }`),
};
