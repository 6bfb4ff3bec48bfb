import { withDevice } from "../device/current.ts";
import { cast } from "../operations/define.ts";
import { eigh, qr } from "../operations/linear-algebra.ts";
import { inDouble, widened, widestOn } from "../operations/widened.ts";
import { seed } from "../random/key.ts";
import { tensor } from "../tensor/create.ts";
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

/** Up to so many features all components are found at once. */
const direct = 1024;
/** Directions beside those asked for, which make the iteration settle sooner. */
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
  const wide = await inDouble(x);
  const middle = wide.mean({ axis: 0 });
  const centred = wide.sub(middle);
  const covariance = await centred
    .transpose()
    .matmul(centred)
    .div(Math.max(1, n - 1))
    .to("cpu");
  if (!(await covariance.isFinite().all().item()))
    throw new ArgumentError("pca", "some values are not finite, expected numbers in all examples.");
  const { values, vectors } =
    d <= direct ? eigh(covariance) : await largest(covariance, Math.min(d, count + extra), count);
  const first = { start: -1, stop: -count - 1, step: -1 };
  const rows = vectors.slice({ axis: 1, ...first }).transpose();
  const top = rows.takeAlongAxis(rows.abs().argmax(1).expandDims(1), 1);
  const upward = rows.mul(top.less(0).where(-1, 1));
  // On GPUs in float32, which is what they have.
  const on = { dtype: widestOn(x.device) as "float64", device: x.device };
  const components = tensor(await upward.data(), { ...on, shape: [count, d] });
  const mean = tensor(await middle.data(), { ...on, shape: [d] });
  const variances = Array.from(await values.slice({ axis: 0, ...first }).data());
  return {
    mean,
    components,
    variances,
    transform: (given) => widened(given).sub(mean).matmul(components.transpose()) as Tensor<"float64">,
    inverse: (given) => widened(given).matmul(components).add(mean) as Tensor<"float64">,
  };
}

/**
 * Eigenvalues and vectors within a subspace of so many directions, which turns until the `count` largest stay as they
 * are (simultaneous iteration, Bauer 1957).
 */
async function largest(matrix: Tensor, width: number, count: number): Promise<{ values: Tensor; vectors: Tensor }> {
  let basis: Tensor = cast(
    withDevice("cpu", () => seed(0).normal([matrix.shape[0]!, width])),
    "float64",
  );
  let before: ArrayLike<number> = [];
  for (let round = 0; ; round++) {
    const { q } = qr(matrix.matmul(basis));
    // Within the subspace the problem is small, and solved exactly.
    const { values, vectors } = eigh(q.transpose().matmul(matrix).matmul(q));
    basis = q.matmul(vectors);
    const found = await values.data();
    const settled = Array.from(found.slice(-count)).every(
      (value, i) => Math.abs(value - before[width - count + i]!) <= 1e-13 * found.at(-1)!,
    );
    if (settled || round === patience) return { values, vectors: basis };
    before = found;
  }
}
