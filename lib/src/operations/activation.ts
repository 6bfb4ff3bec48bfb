import { resolveAxis } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { abs, add, div, mul, neg, square, sub } from "./arithmetic.ts";
import { less } from "./comparison.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Unary, unary } from "./elementwise.ts";
import { exp, log, log1p } from "./exponential.ts";
import { max, sum } from "./reduction.ts";

/** Hyperbolic tangent. */
export const tanh: Unary = unary({ name: "tanh", map: "tanh", pullback: (g, _, y) => [mul(g, sub(1, square(y)))] });

/** The logistic function 1 / (1 + e⁻ˣ). */
export const sigmoid: Unary = unary({
  name: "sigmoid",
  map: "sigmoid",
  pullback: (g, _, y) => [mul(g, mul(y, sub(1, y)))],
});

/** max(x, 0); its derivative at 0 is 0 (Glorot, Bordes and Bengio, AISTATS 2011). */
export const relu: Unary<"same"> = unary({
  name: "relu",
  map: "relu",
  kind: "same",
  pullback: (g, [x]) => [mul(g, less(0, x))],
});

/** ln(1 + eˣ), without overflow. */
export const softplus: OperationFunction<[x: Tensor]> = define({
  name: "softplus",
  inputs: ["x"],
  shape: ([x]) => x,
  compose: ([x]) => add(relu(x), log1p(exp(neg(abs(x))))),
  pullback: (g, [x]) => [mul(g, sigmoid(x))],
  samples: [{ shapes: [[3, 4]] }, { shapes: [[]] }],
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
    const e = exp(sub(x, max(x, { axis, keepDims: true })));
    return div(e, sum(e, { axis, keepDims: true }));
  },
  pullback: (g, _, y, axis = -1) => [mul(y, sub(g, sum(mul(g, y), { axis, keepDims: true })))],
  samples: [{ shapes: [[3, 4]] }, { shapes: [[2, 3, 2]], options: 1 }, { shapes: [[4]] }],
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
    const shifted = sub(x, max(x, { axis, keepDims: true }));
    return sub(shifted, log(sum(exp(shifted), { axis, keepDims: true })));
  },
  pullback: (g, _, y, axis = -1) => [sub(g, mul(exp(y), sum(g, { axis, keepDims: true })))],
  samples: [{ shapes: [[3, 4]] }, { shapes: [[2, 3, 2]], options: 0 }],
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
    const top = max(x, { axis, keepDims: true });
    const total = add(log(sum(exp(sub(x, top)), { axis, keepDims: true })), top);
    return keepDims ? total : total.squeeze(axis);
  },
  pullback: (g, [x], _, { axis = -1, keepDims = false } = {}) => [
    mul(keepDims ? g : g.expandDims(axis), softmax(x, axis)),
  ],
  samples: [{ shapes: [[3, 4]] }, { shapes: [[2, 3, 2]], options: { axis: 1, keepDims: true } }],
});
