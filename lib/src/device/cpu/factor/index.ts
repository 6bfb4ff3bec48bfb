import type { Factorisation, Shape, Triangle, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { zeroedArray } from "../arrays.ts";
import { type CpuBuffer, wrap } from "../buffer.ts";
import { listOf } from "../plain/walk.ts";
import { cholesky } from "./cholesky.ts";
import { eigh } from "./eigh.ts";
import { determinant, solve, substitute } from "./lu.ts";
import { qr } from "./qr.ts";
import { svd } from "./svd.ts";

/** What each factorisation writes for one `m × n` matrix: the rows of its parts, one part below the other. */
const ways: Record<Factorisation, (a: Float64Array, m: number, n: number) => readonly Float64Array[]> = {
  cholesky: (a, n) => {
    const lower = new Float64Array(n * n);
    cholesky(a, n, lower);
    return [lower];
  },
  determinant: (a, n) => {
    const { sign, log } = determinant(a, n);
    return [Float64Array.of(sign, log)];
  },
  eigh: (a, n) => {
    const { values, vectors } = eigh(a, n);
    return [values, vectors];
  },
  qr: (a, m, n) => {
    const { q, r } = qr(a, m, n);
    const k = Math.min(m, n);
    return [q, Float64Array.from({ length: n * k }, (_, i) => r[(i % k) * n + Math.floor(i / k)]!)];
  },
  svd: (a, m, n) => {
    const { u, s, v } = svd(a, m, n);
    return [u, s, v];
  },
};

/** Refuses matrices of broken sizes, with which the loops would not end as they should. */
function requireWhole(shape: Shape): void {
  if (!shape.every((n) => Number.isInteger(n) && n >= 0))
    throw new RangeError(`cpu: a matrix of [${shape.join(", ")}], expected whole sizes.`);
}

/** Factors every matrix in the last two axes, in double precision inside. */
export function factor(by: Factorisation, x: View): CpuBuffer {
  const [m, n] = [x.shape.at(-2)!, x.shape.at(-1)!];
  requireWhole(x.shape);
  const all = listOf(x);
  const parts = Array.from({ length: sizeOf(x.shape.slice(0, -2)) }, (_, i) =>
    ways[by](all.subarray(i * m * n, (i + 1) * m * n), m, n),
  ).flat();
  const out = zeroedArray(
    x.buffer.dtype,
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let next = 0;
  for (const part of parts) {
    out.set(part, next);
    next += part.length;
  }
  return wrap(out, x.buffer.dtype);
}

/** X with A X = B for every pair of matrices in the last two axes, in double precision inside. */
export function solveAll(a: View, b: View, triangle: Triangle | null): CpuBuffer {
  const [n, columns] = [b.shape.at(-2)!, b.shape.at(-1)!];
  requireWhole([...a.shape, ...b.shape]);
  const [left, right] = [listOf(a), listOf(b)];
  const out = zeroedArray(b.buffer.dtype, right.length);
  for (let i = 0; i < sizeOf(b.shape.slice(0, -2)); i++) {
    const matrix = left.subarray(i * n * n, (i + 1) * n * n);
    const x = right.slice(i * n * columns, (i + 1) * n * columns);
    if (triangle === null) out.set(solve(matrix, x, n, columns), i * n * columns);
    else {
      substitute(matrix, x, n, columns, triangle);
      out.set(x, i * n * columns);
    }
  }
  return wrap(out, b.buffer.dtype);
}
