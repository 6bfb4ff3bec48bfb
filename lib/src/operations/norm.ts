import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { asFloat, beside, foldedShape, type ReductionOptions, sharedByEquals } from "./folding.ts";
import { shapes } from "./record.ts";

/** Which norm: 2 (Euclidean; over all axes of a matrix Frobenius's) if not said, 1, any p > 0, or Infinity. */
export interface NormOptions extends ReductionOptions {
  readonly order?: number;
}

/** The norm (Σ |x|ᵖ)^(1/p) over axes; its derivative at zero is 0. */
export const norm: OperationFunction<[x: Tensor], [options?: NormOptions]> = define({
  name: "norm",
  inputs: ["x"],
  shape: ([x], options = {}) =>
    (options.order ?? 2) > 0
      ? foldedShape("norm", x, options)
      : { because: `the order is ${options.order}, expected a positive number or Infinity.` },
  compose: ([x], options = {}) => {
    const { order = 2 } = options;
    const size = asFloat(x).abs();
    if (order === 1) return size.sum(options);
    if (order === Number.POSITIVE_INFINITY) return size.max(options);
    return order === 2
      ? size.square().sum(options).sqrt()
      : size
          .pow(order)
          .sum(options)
          .pow(1 / order);
  },
  pullback: (g, [x], y, options = {}) => {
    const { order = 2 } = options;
    if (order === 1) return [beside("norm", g, x, options).mul(x.sign())];
    if (order === Number.POSITIVE_INFINITY) return [sharedByEquals("norm", g, x.abs(), y, options).mul(x.sign())];
    const whole = beside("norm", y.equal(0).where(1, y), x, options);
    const part = beside("norm", g, x, options);
    if (order === 2) return [part.mul(x).div(whole)];
    return [
      part.mul(x.sign()).mul(
        x
          .abs()
          .div(whole)
          .pow(order - 1),
      ),
    ];
  },
  samples: [
    { shapes: shapes([3, 4]) },
    { shapes: shapes([2, 3, 4]), options: { axis: [0, -1], order: 1 } },
    { shapes: shapes([2, 3]), options: { axis: 1, order: 3, keepDims: true } },
    { shapes: shapes([2, 3]), options: { axis: 0, order: Number.POSITIVE_INFINITY } },
  ],
  refusals: [{ shapes: shapes([2]), options: { order: 0 }, message: /the order is 0, expected a positive number/ }],
});
