import { eigh } from "../../operations/index.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** A change of examples that was fitted to some and can be undone. */
export interface Scaling {
  apply(x: Tensor): Tensor;
  reverse(x: Tensor): Tensor;
}

/**
 * Mean 0 and deviation 1 for each feature of `[batch, features]`, or each channel of `[batch, channels, …]`, as fitted to
 * the training examples. A feature that never varies becomes 0.
 *
 * @example
 * ```ts
 * import { data, tensor } from "gradbook";
 *
 * const x = tensor([[1, 10], [3, 30]]);
 * const scaling = data.standardise(x);
 * console.log(await scaling.apply(x).toArray()); // [ [ -1, -1 ], [ 1, 1 ] ]
 * ```
 */
export function standardise(examples: Tensor): Scaling {
  if (examples.rank < 2 || examples.shape[0] === 0)
    throw new ShapeError(
      "standardise",
      `the examples are [${examples.shape.join(", ")}], expected [batch, features] or [batch, channels, …].`,
      [examples.shape],
    );
  const axis = examples.shape.map((_, i) => i).filter((i) => i !== 1);
  const mean = examples.mean({ axis, keepDims: true });
  const deviation = examples.sub(mean).square().mean({ axis, keepDims: true }).sqrt();
  const divisor = deviation.greater(0).where(deviation as Tensor<"float32">, 1) as Tensor;
  return { apply: (x) => x.sub(mean).div(divisor), reverse: (x) => x.mul(divisor).add(mean) };
}

/**
 * ZCA whitening (Bell and Sejnowski 1997; Krizhevsky 2009): the linear map that takes all correlation from the features of
 * `[batch, …]` and stays nearest to the examples as they are: x ↦ (x − mean) · U (Λ + ε)^−½ Uᵀ, with the eigenvectors U of
 * their covariance. It takes eigenvectors of as many rows as an example has numbers.
 */
export function whiten(examples: Tensor, { epsilon = 1e-2 }: { readonly epsilon?: number } = {}): Scaling {
  if (!(epsilon > 0)) throw new ArgumentError("whiten", `epsilon is ${epsilon}, expected a positive number.`);
  const [batch, ...shape] = examples.shape;
  if (batch === undefined || batch < 2 || shape.length === 0)
    throw new ShapeError(
      "whiten",
      `the examples are [${examples.shape.join(", ")}], expected [batch, …] with two or more.`,
      [examples.shape],
    );
  const flat = (x: Tensor) => x.reshape([x.shape[0]!, -1]);
  const x = flat(examples);
  const mean = x.mean({ axis: 0 });
  const centered = x.sub(mean);
  const { values, vectors } = eigh(centered.transpose().matmul(centered).div(batch));
  // Rounding may leave eigenvalues a little below zero.
  const spread = values.clamp({ min: 0 }).add(epsilon).sqrt();
  const scaled = (factors: Tensor) => vectors.mul(factors).matmul(vectors.transpose());
  const [whitening, colouring] = [scaled(spread.reciprocal()), scaled(spread)];
  return {
    apply: (y) => flat(y).sub(mean).matmul(whitening).reshape(y.shape),
    reverse: (y) => flat(y).matmul(colouring).add(mean).reshape(y.shape),
  };
}
