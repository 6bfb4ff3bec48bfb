import type { Shape, View } from "../device/device.ts";
import { eye } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { materialise } from "../tensor/lazy.ts";
import { broadcastShapes, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { broadcastView } from "../tensor/view.ts";
import { withRank } from "./batch.ts";
import { define, type OperationFunction } from "./define.ts";
import {
  determinant,
  factorOn,
  matrixMisfit,
  packedEigh,
  packedQr,
  packedSvd,
  solveOn,
  symmetric,
  unpack,
} from "./factoring.ts";
import { type Misfit, shapes } from "./record.ts";

/** The shape of X in A X = B. */
function solutionShape([a, b]: readonly [Shape, Shape]): Shape | Misfit {
  const odd = matrixMisfit(a, true);
  if (odd !== undefined) return odd;
  const both = `${showShape(a)} with right side ${showShape(b)}`;
  if (b.length < 2)
    return {
      because: `${both}: expected a matrix on the right, too.`,
      hint: "A vector as a column: b.expandDims(-1).",
    };
  if (a.at(-1) !== b.at(-2)) return { because: `${both}: expected ${a.at(-1)} rows on the right.` };
  const lead = broadcastShapes(a.slice(0, -2), b.slice(0, -2));
  return "shape" in lead ? [...lead.shape, ...b.slice(-2)] : { because: `${both}: the leading axes do not broadcast.` };
}

/** Both sides with the leading axes of the result. */
function beside(a: View, b: View, shape: Shape): [View, View] {
  const lead = shape.slice(0, -2);
  return [broadcastView(a, [...lead, ...a.shape.slice(-2)]), broadcastView(b, shape)];
}

const solvedSamples = [
  { shapes: shapes([3, 3], [3, 2]), fractions: true },
  { shapes: shapes([2, 2, 2], [2, 1]), fractions: true },
  { shapes: shapes([2, 2], [3, 2, 2]), fractions: true },
];
const solvedRefusals = [
  { shapes: shapes([2, 3], [2, 1]), message: /\[2, 3\] is not square/ },
  { shapes: shapes([2, 2], [3, 1]), message: /expected 2 rows on the right/ },
  { shapes: shapes([2, 2], [2]), message: /A vector as a column: b\.expandDims\(-1\)/ },
];

/**
 * X with A X = B, by elimination with partial pivoting: `[…, n, n]` and `[…, n, columns]`; leading axes broadcast.
 * Throws an `ArgumentError` where A is singular.
 */
export const solve: OperationFunction<[a: Tensor, b: Tensor]> = define({
  name: "solve",
  inputs: ["a", "b"],
  shape: (both) => solutionShape(both),
  forward: ([a, b], device, shape) => solveOn(device, "solve", ...beside(a, b, shape), null),
  pullback: (g, [a, b], x) => {
    const ofB = a.transpose().solve(g);
    return [() => ofB.matmul(x.transpose()).neg().sumTo(a.shape), ofB.sumTo(b.shape)];
  },
  batch: (inputs, { batched, shape }) => {
    const [a, b] = inputs.map((x, i) => (batched[i] ? withRank(x, shape.length) : x)) as [Tensor, Tensor];
    return a.solve(b);
  },
  samples: solvedSamples,
  refusals: solvedRefusals,
});

export interface TriangularOptions {
  /** Whether the lower triangle of A counts (the default) or the upper one; the other half is not read. */
  readonly lower?: boolean;
  /** Takes the diagonal of A as ones. */
  readonly unit?: boolean;
}

/** X with A X = B where A is a triangle, by substitution; otherwise as `solve`. */
export const triangularSolve: OperationFunction<[a: Tensor, b: Tensor], [options?: TriangularOptions]> = define({
  name: "triangularSolve",
  inputs: ["a", "b"],
  shape: (both) => solutionShape(both),
  forward: ([a, b], device, shape, { lower = true, unit = false } = {}) =>
    solveOn(device, "triangularSolve", ...beside(a, b, shape), { lower, unit }),
  pullback: (g, [a, b], x, { lower = true, unit = false } = {}) => {
    const ofB = a.transpose().triangularSolve(g, { lower: !lower, unit });
    const ofA = () => {
      const whole = ofB.matmul(x.transpose()).neg();
      const inset = unit ? 1 : 0;
      return (lower ? whole.tril(-inset) : whole.triu(inset)).sumTo(a.shape);
    };
    return [ofA, ofB.sumTo(b.shape)];
  },
  batch: (inputs, { batched, shape }, options) => {
    const [a, b] = inputs.map((x, i) => (batched[i] ? withRank(x, shape.length) : x)) as [Tensor, Tensor];
    return a.triangularSolve(b, options);
  },
  samples: [
    { shapes: shapes([3, 3], [3, 2]), fractions: true },
    { shapes: shapes([2, 2, 2], [2, 1]), options: { lower: false }, fractions: true },
    { shapes: shapes([3, 3], [2, 3, 2]), options: { unit: true }, fractions: true },
  ],
  refusals: solvedRefusals,
});

/** The inverse of each square matrix in the last two axes. Throws an `ArgumentError` where there is none. To solve equations, `solve` is faster and more exact. */
export const inverse: OperationFunction<[x: Tensor]> = define({
  name: "inverse",
  inputs: ["x"],
  shape: ([x]) => matrixMisfit(x, true) ?? x,
  forward: ([x], device, shape, _, dtype) => {
    const one = materialise(eye(x.shape.at(-1)!, { dtype, device }));
    return solveOn(device, "inverse", x, broadcastView(one, shape), null);
  },
  pullback: (g, _, y) => [y.transpose().matmul(g).matmul(y.transpose()).neg()],
  batch: ([x]) => x.inverse(),
  samples: [
    { shapes: shapes([3, 3]), fractions: true },
    { shapes: shapes([2, 2, 2]), fractions: true },
  ],
  refusals: [{ shapes: shapes([2, 3]), message: /\[2, 3\] is not square/ }],
});

/** The logarithm of the determinant's size, log |det A|, of each square matrix: `[…, n, n]` → `[…]`; −∞ of a singular one. */
export const logDet: OperationFunction<[x: Tensor]> = define({
  name: "logDet",
  inputs: ["x"],
  shape: ([x]) => matrixMisfit(x, true) ?? x.slice(0, -2),
  compose: ([x]) => determinant(x).slice({ axis: -1, start: 1 }).squeeze(-1),
  samples: [{ shapes: shapes([3, 3]) }, { shapes: shapes([2, 2, 2]) }],
  refusals: [{ shapes: shapes([2, 3]), message: /\[2, 3\] is not square/ }],
});

/** The determinant of each square matrix: `[…, n, n]` → `[…]`. */
export const det: OperationFunction<[x: Tensor]> = define({
  name: "det",
  inputs: ["x"],
  shape: ([x]) => matrixMisfit(x, true) ?? x.slice(0, -2),
  compose: ([x]) => {
    const [sign, log] = unpack(determinant(x), [], []) as [Tensor, Tensor];
    return sign.mul(log.exp());
  },
  samples: [{ shapes: shapes([3, 3]) }, { shapes: shapes([2, 2, 2]) }],
  refusals: [{ shapes: shapes([2, 3]), message: /\[2, 3\] is not square/ }],
});

/** The sum of the diagonal of each matrix: `[…, m, n]` → `[…]`. */
export const trace: OperationFunction<[x: Tensor], [], "total"> = define({
  name: "trace",
  inputs: ["x"],
  kind: "total",
  shape: ([x]) =>
    x.length < 2 ? { because: `${showShape(x)} is no matrix, expected at least two axes.` } : x.slice(0, -2),
  compose: ([x]) => x.diagonal().sum({ axis: -1 }),
  samples: [{ shapes: shapes([3, 4]) }, { shapes: shapes([2, 2, 2]) }],
  refusals: [{ shapes: shapes([3]), message: /\[3\] is no matrix/ }],
});

/** L of a matrix that is exactly symmetric. */
const lowerFactor: OperationFunction<[x: Tensor]> = define({
  name: "lowerFactor",
  inputs: ["x"],
  shape: ([x]) => matrixMisfit(x, true) ?? x,
  forward: ([x], device) => {
    const buffer = factorOn(device, "cholesky", x);
    const n = x.shape.at(-1)!;
    const bad = device.peek?.(buffer).findIndex((value) => Number.isNaN(value)) ?? -1;
    if (bad >= 0)
      throw new ArgumentError(
        "cholesky",
        `a matrix of ${showShape(x.shape)} is not positive definite: pivot ${Math.floor(bad / n) % n} is not above 0. A little on its diagonal helps: x.add(eye(${n}).mul(1e-6)).`,
      );
    return buffer;
  },
  // Murray 2016, eq. 8.
  pullback: (g, _, lower) => {
    const inner = lower.transpose().matmul(g.tril());
    const half = inner.tril().sub(inner.diagonal().mul(0.5).diag());
    const upper = lower.transpose();
    const left = upper.triangularSolve(half, { lower: false });
    const whole = upper.triangularSolve(left.transpose(), { lower: false });
    return [whole.add(whole.transpose()).mul(0.5)];
  },
  batch: ([x]) => lowerFactor(x),
  samples: [],
});

/**
 * The lower triangle L with L Lᵀ = A of each symmetric positive definite matrix `[…, n, n]`; of one that is not quite
 * symmetric the mean of both halves counts. Throws an `ArgumentError` where A is not positive definite.
 */
export const cholesky: OperationFunction<[x: Tensor]> = define({
  name: "cholesky",
  inputs: ["x"],
  shape: ([x]) => matrixMisfit(x, true) ?? x,
  compose: ([x]) => lowerFactor(symmetric(x)),
  samples: [
    { shapes: shapes([1, 1]), range: [0.5, 2], fractions: true },
    { shapes: shapes([2, 1, 1]), range: [0.5, 2], fractions: true },
  ],
  refusals: [{ shapes: shapes([2, 3]), message: /\[2, 3\] is not square/ }],
});

/**
 * Eigenvalues in ascending order `[…, n]` and eigenvectors in columns `[…, n, n]`, of unit length with their largest
 * entry positive, of each symmetric matrix; of one that is not quite symmetric the mean of both halves counts.
 */
export function eigh<X extends Tensor>(x: X): { readonly values: X; readonly vectors: X } {
  const n = x.shape.at(-1)!;
  const [values, vectors] = unpack(packedEigh(x), [n], [n, n]) as [X, X];
  return { values, vectors };
}

/**
 * A = Q R with orthonormal columns in Q `[…, m, k]` and a triangle R `[…, k, n]` whose diagonal is not negative, of each
 * matrix `[…, m, n]`; k is the smaller size.
 */
export function qr<X extends Tensor>(x: X): { readonly q: X; readonly r: X } {
  const y = packedQr(x);
  const [m, n] = [x.shape.at(-2)!, x.shape.at(-1)!];
  const k = Math.min(m, n);
  const [q, rt] = unpack(y, [m, k], [n, k]) as [X, Tensor];
  return { q, r: rt.transpose() as X };
}

/**
 * A = U S Vᵀ: orthonormal columns in U `[…, m, k]` and V `[…, n, k]`, and the singular values in descending order
 * `[…, k]`, of each matrix `[…, m, n]`; k is the smaller size. The largest entry of each column of V is positive.
 * Derivatives of U and V exist where the singular values are distinct and not zero.
 */
export function svd<X extends Tensor>(x: X): { readonly u: X; readonly s: X; readonly v: X } {
  const y = packedSvd(x);
  const [m, n] = [x.shape.at(-2)!, x.shape.at(-1)!];
  const k = Math.min(m, n);
  const [u, s, v] = unpack(y, [m, k], [k], [n, k]) as [X, X, X];
  return { u, s, v };
}
