import { resolveAxis } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Unary, unary } from "./elementwise.ts";
import { shapes } from "./record.ts";

/** Hyperbolic tangent. */
export const tanh: Unary = unary({
  name: "tanh",
  map: "tanh",
  pullback: (g, _, y) => [g.mul(y.square().neg().add(1))],
});

/** The logistic function 1 / (1 + e⁻ˣ). */
export const sigmoid: Unary = unary({
  name: "sigmoid",
  map: "sigmoid",
  pullback: (g, _, y) => [g.mul(y.mul(y.neg().add(1)))],
});

/** max(x, 0); its derivative at 0 is 0 (Glorot, Bordes and Bengio, AISTATS 2011). */
export const relu: Unary<"same"> = unary({
  name: "relu",
  map: "relu",
  kind: "same",
  // The output is in memory, and not zero just where the input is positive.
  pullback: (g, _, y) => [y.cast("bool").where(g, 0)],
});

/** ln(1 + eˣ), without overflow. */
export const softplus: OperationFunction<[x: Tensor]> = define({
  name: "softplus",
  inputs: ["x"],
  shape: ([x]) => x,
  compose: ([x]) => x.relu().add(x.abs().neg().exp().log1p()),
  pullback: (g, [x]) => [g.mul(x.sigmoid())],
  samples: [{ shapes: shapes([3, 4]) }, { shapes: shapes([]) }],
});

/** eˣ normalised to sum 1 along an axis (the last, if not said), without overflow. */
export const softmax: OperationFunction<[x: Tensor], [axis?: number]> = define({
  name: "softmax",
  inputs: ["x"],
  shape: ([x], axis = -1) => {
    resolveAxis("softmax", axis, x.length);
    return x;
  },
  compose: ([x], axis = -1) => {
    const e = x.sub(x.max({ axis, keepDims: true })).exp();
    return e.div(e.sum({ axis, keepDims: true }));
  },
  pullback: (g, _, y, axis = -1) => [y.mul(g.sub(g.mul(y).sum({ axis, keepDims: true })))],
  samples: [{ shapes: shapes([3, 4]) }, { shapes: shapes([2, 3, 2]), options: 1 }, { shapes: shapes([4]) }],
});

/** The logarithm of softmax, accurate where probabilities vanish. */
export const logSoftmax: OperationFunction<[x: Tensor], [axis?: number]> = define({
  name: "logSoftmax",
  inputs: ["x"],
  shape: ([x], axis = -1) => {
    resolveAxis("logSoftmax", axis, x.length);
    return x;
  },
  compose: ([x], axis = -1) => {
    const shifted = x.sub(x.max({ axis, keepDims: true }));
    return shifted.sub(shifted.exp().sum({ axis, keepDims: true }).log());
  },
  pullback: (g, _, y, axis = -1) => [g.sub(y.exp().mul(g.sum({ axis, keepDims: true })))],
  samples: [{ shapes: shapes([3, 4]) }, { shapes: shapes([2, 3, 2]), options: 0 }],
});

/** ln Σ eˣ along an axis (the last, if not said), without overflow. */
export const logSumExp: OperationFunction<
  [x: Tensor],
  [options?: { readonly axis?: number; readonly keepDims?: boolean }]
> = define({
  name: "logSumExp",
  inputs: ["x"],
  shape: ([x], options = {}) => {
    const axis = resolveAxis("logSumExp", options.axis ?? -1, x.length);
    return options.keepDims ? x.with(axis, 1) : x.toSpliced(axis, 1);
  },
  compose: ([x], { axis = -1, keepDims = false } = {}) => {
    // An infinite largest element is left in, where it gives the right infinity.
    const largest = x.max({ axis, keepDims: true });
    const top = largest.isFinite().where(largest, 0);
    const total = x.sub(top).exp().sum({ axis, keepDims: true }).log().add(top);
    return keepDims ? total : total.squeeze(axis);
  },
  pullback: (g, [x], _, { axis = -1, keepDims = false } = {}) => [
    (keepDims ? g : g.expandDims(axis)).mul(x.softmax(axis)),
  ],
  samples: [{ shapes: shapes([3, 4]) }, { shapes: shapes([2, 3, 2]), options: { axis: 1, keepDims: true } }],
});
