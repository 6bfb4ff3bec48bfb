import type { Buffer, Factorisation, Triangle, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import type { Context } from "../context.ts";
import { groupsFor, perElement, word } from "../wgsl/program.ts";
import { eigh, svd } from "./factor-by-turns.ts";
import { opening, program, type Way } from "./factor-program.ts";
import { laid } from "./map.ts";

/** Brings the square matrix at `w` to both its triangles, with the largest pivot of each column; `also` is exchanged along. */
const eliminate = (also: string) => `for (var e = 0; e < n * n; e++) { Y1[w + e] = A0[a + e]; }
  var sign_of = 1.0;
  for (var c = 0; c < n; c++) {
    var best = c;
    for (var r = c + 1; r < n; r++) { if (abs(Y1[w + r * n + c]) > abs(Y1[w + best * n + c])) { best = r; } }
    if (best != c) {
      for (var j = 0; j < n; j++) {
        let held = Y1[w + c * n + j];
        Y1[w + c * n + j] = Y1[w + best * n + j];
        Y1[w + best * n + j] = held;
      }
      ${also}
      sign_of = -sign_of;
    }
    let pivot = Y1[w + c * n + c];
    if (pivot == 0.0) { continue; }
    for (var r = c + 1; r < n; r++) {
      let factor = Y1[w + r * n + c] / pivot;
      Y1[w + r * n + c] = factor;
      for (var j = c + 1; j < n; j++) { Y1[w + r * n + j] = Y1[w + r * n + j] - factor * Y1[w + c * n + j]; }
    }
  }`;

/** Mirrors `columns` columns of the matrix at `to`, from row `j` on, at the plane that the vector at `v` stands on. */
const mirror = (array: string, to: string, columns: string) => `for (var c = 0; c < ${columns}; c++) {
      var along = 0.0;
      for (var r = j; r < m; r++) { along = along + Y1[v + r] * ${array}[${to} + r * ${columns} + c]; }
      for (var r = j; r < m; r++) { ${array}[${to} + r * ${columns} + c] = ${array}[${to} + r * ${columns} + c] - 2.0 * Y1[v + r] * along; }
    }`;

const ways: Record<Factorisation, Way> = {
  cholesky: {
    parts: (_, n) => n * n,
    work: () => 0,
    source: program(`for (var r = 0; r < n; r++) {
    for (var c = 0; c < n; c++) {
      if (c > r) { Y0[y + r * n + c] = 0.0; continue; }
      var sum = A0[a + r * n + c];
      for (var l = 0; l < c; l++) { sum = sum - Y0[y + r * n + l] * Y0[y + c * n + l]; }
      if (r == c) { Y0[y + r * n + c] = select(nan(), sqrt(sum), sum > 0.0); }
      else { Y0[y + r * n + c] = sum / Y0[y + c * n + c]; }
    }
  }`),
  },
  determinant: {
    parts: () => 2,
    work: (_, n) => n * n,
    source: program(`${eliminate("")}
  var log_of = 0.0;
  for (var r = 0; r < n; r++) {
    let pivot = Y1[w + r * n + r];
    log_of = log_of + s_log(abs(pivot));
    sign_of = sign_of * s_sign(pivot);
  }
  Y0[y] = sign_of;
  Y0[y + 1] = log_of;`),
  },
  // By Householder's reflections (1958), with a diagonal of R that is not negative.
  qr: {
    parts: (m, n) => (m + n) * Math.min(m, n),
    work: (m, n) => m * n + m * Math.min(m, n),
    source: program(`for (var e = 0; e < m * n; e++) { Y1[w + e] = A0[a + e]; }
  for (var j = 0; j < k; j++) {
    let v = w + m * n + j * m;
    var tail = 0.0;
    for (var r = j; r < m; r++) {
      let x = Y1[w + r * n + j];
      Y1[v + r] = x;
      if (r > j) { tail = tail + x * x; }
    }
    let first = Y1[v + j];
    let size = sqrt(first * first + tail);
    let turned = first + select(size, -size, first < 0.0);
    Y1[v + j] = turned;
    let norm = sqrt(turned * turned + tail);
    if (norm > 0.0) { for (var r = j; r < m; r++) { Y1[v + r] = Y1[v + r] / norm; } }
    ${mirror("Y1", "w", "n")}
  }
  for (var e = 0; e < m * k; e++) { Y0[y + e] = select(0.0, 1.0, e / k == e % k); }
  for (var j = k - 1; j >= 0; j--) {
    let v = w + m * n + j * m;
    ${mirror("Y0", "y", "k")}
  }
  for (var r = 0; r < k; r++) {
    let turn = select(1.0, -1.0, Y1[w + r * n + r] < 0.0);
    for (var c = 0; c < n; c++) { Y0[y + m * k + c * k + r] = select(0.0, turn * Y1[w + r * n + c], c >= r); }
    for (var row = 0; row < m; row++) { Y0[y + row * k + r] = turn * Y0[y + row * k + r]; }
  }`),
  },
  eigh,
  svd,
};

/** Factors every matrix, each by one thread, in single precision. */
export function factor(context: Context, by: Factorisation, x: View): Buffer {
  const [m, n] = [x.shape.at(-2)!, x.shape.at(-1)!];
  const count = sizeOf(x.shape.slice(0, -2));
  const way = ways[by];
  const [parts, work] = [way.parts(m, n), way.work(m, n)];
  const { view, done } = laid(context, x);
  const out = context.make("float32", count * parts);
  const room = context.make("float32", count * work);
  const words = [count, m, n, view.offset, parts, work];
  context.run(`factor ${by}`, way.source, words, [view.buffer], [out, room], groupsFor(count));
  context.free(room);
  done();
  return out;
}

/** Solves A X = B for every pair of matrices, each by one thread, in single precision. */
export function solve(context: Context, a: View, b: View, triangle: Triangle | null): Buffer {
  const [n, columns] = [b.shape.at(-2)!, b.shape.at(-1)!];
  const count = sizeOf(b.shape.slice(0, -2));
  const [left, right] = [laid(context, a), laid(context, b)];
  const out = context.make("float32", count * n * columns);
  const room = context.make("float32", triangle === null ? count * n * n : 1);
  const words = [count, n, n, left.view.offset, n * columns, triangle === null ? n * n : 0, columns, right.view.offset];
  const key = triangle === null ? "solve" : `solve ${triangle.lower} ${triangle.unit}`;
  context.run(
    key,
    () => solving(triangle),
    words,
    [left.view.buffer, right.view.buffer],
    [out, room],
    groupsFor(count),
  );
  context.free(room);
  left.done();
  right.done();
  return out;
}

function solving(triangle: Triangle | null) {
  const columns = word(6);
  const substitute = (
    matrix: (at: string) => string,
    { lower, unit }: Triangle,
  ) => `for (var step = 0; step < n; step++) {
    let r = ${lower ? "step" : "n - 1 - step"};
    for (var l = ${lower ? "0" : "r + 1"}; l < ${lower ? "r" : "n"}; l++) {
      let factor = ${matrix("r * n + l")};
      for (var c = 0; c < ${columns}; c++) { Y0[y + r * ${columns} + c] = Y0[y + r * ${columns} + c] - factor * Y0[y + l * ${columns} + c]; }
    }
    ${unit ? "" : `for (var c = 0; c < ${columns}; c++) { Y0[y + r * ${columns} + c] = Y0[y + r * ${columns} + c] / ${matrix("r * n + r")}; }`}
  }`;
  const exchange = `for (var j = 0; j < ${columns}; j++) {
        let held = Y0[y + c * ${columns} + j];
        Y0[y + c * ${columns} + j] = Y0[y + best * ${columns} + j];
        Y0[y + best * ${columns} + j] = held;
      }`;
  const worked = (at: string) => `Y1[w + ${at}]`;
  const steps =
    triangle === null
      ? [
          eliminate(exchange),
          substitute(worked, { lower: true, unit: true }),
          substitute(worked, { lower: false, unit: false }),
        ]
      : [substitute((at) => `A0[a + ${at}]`, triangle)];
  return perElement({
    reads: ["float32", "float32"],
    writes: ["float32", "float32"],
    body: `${opening}
  for (var e = 0; e < n * ${columns}; e++) { Y0[y + e] = A1[${word(7)} + y + e]; }
  ${steps.join("\n  ")}`,
  });
}
