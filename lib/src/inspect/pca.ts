import { seed } from "../random/key.ts";
import { tensorOf } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Principal components: directions of largest variance, orthonormal, the largest first. */
export interface PrincipalComponents {
  /** `[features]` */
  readonly mean: Tensor<"float64">;
  /** `[components, features]`; the largest entry of each is positive. */
  readonly components: Tensor<"float64">;
  /** Variance along each, with n − 1 in the denominator. */
  readonly variances: readonly number[];
  /** Coordinates of examples `[n, features] → [n, components]`. */
  transform(x: Tensor): Tensor<"float64">;
  /** The points at coordinates `[n, components] → [n, features]`. */
  inverse(y: Tensor): Tensor<"float64">;
}

const extra = 10;
const patience = 500;

/**
 * Principal component analysis (Pearson 1901) of examples `[n, features]`, by iteration of a subspace in float64.
 * @throws ShapeError where `x` is no matrix, ArgumentError where there are not so many components.
 */
export async function pca(
  x: Tensor,
  { components: count }: { readonly components: number },
): Promise<PrincipalComponents> {
  if (x.rank !== 2) throw new ShapeError("pca", `the examples are ${showShape(x.shape)}, expected [n, features].`);
  const [n, d] = x.shape as [number, number];
  if (!Number.isInteger(count) || count < 1 || count > Math.min(n, d))
    throw new ArgumentError("pca", `${count} components of [${n}, ${d}], expected 1 … ${Math.min(n, d)}.`);
  const wide = x.cast("float64");
  const mean = wide.mean({ axis: 0 }) as Tensor<"float64">;
  const centred = wide.sub(mean);
  const covariance = (await centred
    .transpose()
    .matmul(centred)
    .div(Math.max(1, n - 1))
    .data()) as Float64Array;
  if (covariance.some((value) => !Number.isFinite(value)))
    throw new ArgumentError("pca", "some values are not finite, expected numbers in all examples.");
  const { vectors, values } = largest(covariance, d, count);
  const components = tensorOf(vectors, "float64", [count, d], x.device);
  return {
    mean,
    components,
    variances: values,
    transform: (given) => given.cast("float64").sub(mean).matmul(components.transpose()) as Tensor<"float64">,
    inverse: (given) => given.cast("float64").matmul(components).add(mean) as Tensor<"float64">,
  };
}

/** The `count` largest eigenvalues of a symmetric matrix, with their eigenvectors as rows. */
function largest(matrix: Float64Array, d: number, count: number): { vectors: Float64Array; values: number[] } {
  const width = Math.min(d, count + extra);
  const bits = seed(0).bits(width * d);
  let basis: Float64Array[] = Array.from({ length: width }, (_, k) =>
    Float64Array.from({ length: d }, (_, i) => bits[k * d + i]! / 2 ** 31),
  );
  let values: number[] = [];
  for (let round = 0; round < patience; round++) {
    orthonormalise(basis);
    const images = basis.map((v) => times(matrix, v));
    // Within the subspace the problem is small, and solved exactly.
    const small = basis.map((v) => images.map((w) => dot(v, w)));
    const { values: found, vectors } = jacobi(small);
    const change = Math.max(...found.slice(0, count).map((value, i) => Math.abs(value - (values[i] ?? 0))));
    values = found;
    basis = vectors.map((weights) => combined(weights, images));
    if (change <= 1e-13 * Math.abs(found[0]!) && round > 2) break;
  }
  orthonormalise(basis);
  const flat = new Float64Array(count * d);
  for (let k = 0; k < count; k++) {
    const v = basis[k]!;
    let top = 0;
    for (const value of v) if (Math.abs(value) > Math.abs(top)) top = value;
    flat.set(top < 0 ? v.map((value) => -value) : v, k * d);
  }
  return { vectors: flat, values: values.slice(0, count) };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function times(matrix: Float64Array, v: Float64Array): Float64Array {
  const d = v.length;
  return Float64Array.from({ length: d }, (_, i) => dot(matrix.subarray(i * d, (i + 1) * d), v));
}

function combined(weights: Float64Array, vectors: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(vectors[0]!.length);
  vectors.forEach((v, k) => {
    for (let i = 0; i < sum.length; i++) sum[i]! += weights[k]! * v[i]!;
  });
  return sum;
}

/** Gram and Schmidt, twice, which makes up for rounding; what lies within the others is replaced by an axis. */
function orthonormalise(basis: Float64Array[]): void {
  for (const [k, v] of basis.entries()) {
    for (let attempt = 0; ; attempt++) {
      const before = Math.sqrt(dot(v, v));
      for (let pass = 0; pass < 2; pass++)
        for (const u of basis.slice(0, k)) {
          const along = dot(u, v);
          for (let i = 0; i < v.length; i++) v[i]! -= along * u[i]!;
        }
      const length = Math.sqrt(dot(v, v));
      if (length > 1e-10 * before && length > 0) {
        for (let i = 0; i < v.length; i++) v[i]! /= length;
        break;
      }
      v.fill(0);
      v[(k + attempt) % v.length] = 1;
    }
  }
}

/** Eigenvalues of a small symmetric matrix, the largest first, and eigenvectors, by Jacobi's rotations (1846). */
function jacobi(symmetric: readonly (readonly number[])[]): { values: number[]; vectors: Float64Array[] } {
  const n = symmetric.length;
  const a = symmetric.map((row) => Float64Array.from(row));
  const vectors = Array.from({ length: n }, (_, i) => new Float64Array(n).fill(1, i, i + 1));
  for (let sweep = 0; sweep < 50; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p]![q]! ** 2;
    if (off <= 1e-30 * a.reduce((sum, row, i) => sum + row[i]! ** 2, 0)) break;
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        const entry = a[p]![q]!;
        if (entry === 0) continue;
        const ratio = (a[q]![q]! - a[p]![p]!) / (2 * entry);
        const t = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.sqrt(1 + ratio * ratio));
        const c = 1 / Math.sqrt(1 + t * t);
        const s = t * c;
        for (let i = 0; i < n; i++) {
          const [x, y] = [a[i]![p]!, a[i]![q]!];
          a[i]![p] = c * x - s * y;
          a[i]![q] = s * x + c * y;
        }
        for (let i = 0; i < n; i++) {
          const [x, y] = [a[p]![i]!, a[q]![i]!];
          a[p]![i] = c * x - s * y;
          a[q]![i] = s * x + c * y;
          const [u, v] = [vectors[p]![i]!, vectors[q]![i]!];
          vectors[p]![i] = c * u - s * v;
          vectors[q]![i] = s * u + c * v;
        }
      }
  }
  const order = a.map((row, i) => ({ value: row[i]!, vector: vectors[i]! })).sort((x, y) => y.value - x.value);
  return { values: order.map(({ value }) => value), vectors: order.map(({ vector }) => vector) };
}
