import { resolveAxis, sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { broadcast, type Unary, unary } from "./elementwise.ts";
import { shapes } from "./record.ts";
import { inRows, rowProgram, Term } from "./rows.ts";

/** Hyperbolic tangent. In float32 within 2.6 units in the last place. */
export const tanh: Unary = unary({
  name: "tanh",
  map: "tanh",
  pullback: (g, _, y) => [g.mul(y.square().neg().add(1))],
});

/** The logistic function 1 / (1 + e⁻ˣ). In float32 within 2.5 units in the last place. */
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

/** ln(sigmoid(x)), without overflow. */
export const logSigmoid: OperationFunction<[x: Tensor]> = define({
  name: "logSigmoid",
  inputs: ["x"],
  shape: ([x]) => x,
  compose: ([x]) => x.neg().softplus().neg(),
  samples: [{ shapes: shapes([3, 4]) }],
});

/** x where positive, `slope` · x elsewhere; slope 0.01 if not said (Maas, Hannun and Ng, ICML workshop 2013). */
export const leakyRelu: OperationFunction<[x: Tensor], [slope?: number]> = define({
  name: "leakyRelu",
  inputs: ["x"],
  shape: ([x]) => x,
  compose: ([x], slope = 0.01) => x.greater(0).where(x, x.mul(slope)),
  samples: [{ shapes: shapes([3, 4]) }, { shapes: shapes([5]), options: 0.2 }],
});

/** x where positive, α(eˣ − 1) elsewhere; α = 1 if not said (Clevert, Unterthiner and Hochreiter, ICLR 2016). */
export const elu: OperationFunction<[x: Tensor], [alpha?: number]> = define({
  name: "elu",
  inputs: ["x"],
  shape: ([x]) => x,
  compose: ([x], alpha = 1) => x.greater(0).where(x, x.minimum(0).expm1().mul(alpha)),
  samples: [{ shapes: shapes([3, 4]) }, { shapes: shapes([5]), options: 0.3 }],
});

/** The elu whose outputs keep mean 0 and variance 1 (Klambauer et al., NeurIPS 2017). */
export const selu: OperationFunction<[x: Tensor]> = define({
  name: "selu",
  inputs: ["x"],
  shape: ([x]) => x,
  compose: ([x]) => x.elu(1.6732632423543772).mul(1.0507009873554805),
  samples: [{ shapes: shapes([3, 4]) }],
});

/** x · Φ(x), with the distribution function of the normal distribution (Hendrycks and Gimpel 2016). */
export const gelu: OperationFunction<[x: Tensor]> = define({
  name: "gelu",
  inputs: ["x"],
  shape: ([x]) => x,
  // By the complement, which stays accurate where Φ is small.
  compose: ([x]) => x.mul(x.mul(-Math.SQRT1_2).erfc()).mul(0.5),
  samples: [{ shapes: shapes([3, 4]) }],
});

/** x · sigmoid(x), also called swish (Elfwing, Uchibe and Doya 2018). */
export const silu: OperationFunction<[x: Tensor]> = define({
  name: "silu",
  inputs: ["x"],
  shape: ([x]) => x,
  compose: ([x]) => x.mul(x.sigmoid()),
  samples: [{ shapes: shapes([3, 4]) }],
});

/** x · tanh(softplus(x)) (Misra, BMVC 2020). */
export const mish: OperationFunction<[x: Tensor]> = define({
  name: "mish",
  inputs: ["x"],
  shape: ([x]) => x,
  compose: ([x]) => x.mul(x.softplus().tanh()),
  samples: [{ shapes: shapes([3, 4]) }],
});

/** x held between −1 and 1. */
export const hardTanh: OperationFunction<[x: Tensor], [], "same"> = define({
  name: "hardTanh",
  inputs: ["x"],
  kind: "same",
  shape: ([x]) => x,
  compose: ([x]) => x.clamp({ min: -1, max: 1 }),
  samples: [{ shapes: shapes([3, 4]) }],
});

/** (x + 3) / 6 held between 0 and 1: a sigmoid of straight lines. */
export const hardSigmoid: OperationFunction<[x: Tensor]> = define({
  name: "hardSigmoid",
  inputs: ["x"],
  shape: ([x]) => x,
  compose: ([x]) => x.add(3).div(6).clamp({ min: 0, max: 1 }),
  samples: [{ shapes: shapes([3, 4]), range: [-5, 5] }],
});

/** x / (1 + |x|). */
export const softSign: OperationFunction<[x: Tensor]> = define({
  name: "softSign",
  inputs: ["x"],
  shape: ([x]) => x,
  compose: ([x]) => x.div(x.abs().add(1)),
  samples: [{ shapes: shapes([3, 4]) }],
});

/** The largest of every `pieces` neighbours along an axis (the last, if not said) (Goodfellow et al., ICML 2013). */
export const maxout: OperationFunction<
  [x: Tensor],
  [options: { readonly pieces: number; readonly axis?: number }],
  "same"
> = define({
  name: "maxout",
  inputs: ["x"],
  kind: "same",
  shape: ([x], { pieces, axis = -1 }) => {
    const at = resolveAxis("maxout", axis, x.length);
    if (Number.isInteger(pieces) && pieces > 0 && x[at]! % pieces === 0) return x.with(at, x[at]! / pieces);
    return { because: `axis ${axis} of ${showShape(x)} does not divide into groups of ${pieces}.` };
  },
  compose: ([x], { pieces, axis = -1 }) => {
    const at = resolveAxis("maxout", axis, x.rank);
    return x.reshape(x.shape.toSpliced(at, 1, x.shape[at]! / pieces, pieces)).max({ axis: at + 1 });
  },
  samples: [
    { shapes: shapes([3, 4]), options: { pieces: 2 } },
    { shapes: shapes([2, 6, 2]), options: { pieces: 3, axis: 1 } },
  ],
  refusals: [{ shapes: shapes([3, 4]), options: { pieces: 3 }, message: /axis -1 of \[3, 4\] does not divide/ }],
});

/** x less the largest, 0 for the largest itself: also where that is infinite, so that it takes all. */
function belowTop(x: Tensor, axis: number): Tensor {
  const top = x.max({ axis, keepDims: true });
  return x.equal(top).where(0, x.sub(top));
}

/** Of a whole row: to divide each of its elements would take longer than all else that is done with them. */
const inverse = (total: Term) => Term.of(1).div(total);

// The same, step by step, in rows.
const belowTopOf = (x: Term, top: Term) => x.equal(top).where(0, x.sub(top));
const softmaxRows = rowProgram(1, ([x], fold) => {
  const e = belowTopOf(x!, fold.max(x!)).exp();
  return e.mul(inverse(fold.sum(e)));
});
const softmaxGradientRows = rowProgram(2, ([y, g], fold) => y!.mul(g!.sub(fold.sum(g!.mul(y!)))));
const logSoftmaxRows = rowProgram(1, ([x], fold) => {
  const shifted = belowTopOf(x!, fold.max(x!));
  return shifted.sub(fold.sum(shifted.exp()).log());
});
const logSoftmaxGradientRows = rowProgram(2, ([y, g], fold) => g!.sub(y!.exp().mul(fold.sum(g!))));
const maskedSoftmaxRows = rowProgram(
  2,
  ([x, condition], fold) => {
    const top = fold.max(condition!.where(x!, Number.NEGATIVE_INFINITY));
    const e = condition!.where(x!.sub(top.isFinite().where(top, 0)), Number.NEGATIVE_INFINITY).exp();
    const total = fold.sum(e);
    return e.mul(inverse(total.equal(0).where(1, total)));
  },
  [1],
);

function softmaxGradient(g: Tensor, y: Tensor, axis: number): Tensor {
  return inRows(softmaxGradientRows, [y, g], axis, () => y.mul(g.sub(g.mul(y).sum({ axis, keepDims: true }))));
}

/** eˣ normalised to sum 1 along an axis (the last, if not said), without overflow; equal infinities share. */
export const softmax: OperationFunction<[x: Tensor], [axis?: number]> = define({
  name: "softmax",
  inputs: ["x"],
  shape: ([x], axis = -1) => {
    resolveAxis("softmax", axis, x.length);
    return x;
  },
  compose: ([x], axis = -1) =>
    inRows(softmaxRows, [x], axis, () => {
      const e = belowTop(x, axis).exp();
      return e.mul(e.sum({ axis, keepDims: true }).reciprocal());
    }),
  pullback: (g, _, y, axis = -1) => [softmaxGradient(g, y, axis)],
  samples: [{ shapes: shapes([3, 4]) }, { shapes: shapes([2, 3, 2]), options: 1 }, { shapes: shapes([4]) }],
  refusals: [{ shapes: shapes([2, 3]), options: 2, message: /axis 2 of a tensor with 2 axes/ }],
});

/**
 * Softmax among the elements where a condition holds (it broadcasts to `x`); zero elsewhere, and zero throughout where it
 * holds nowhere along the axis.
 */
export const maskedSoftmax: OperationFunction<[x: Tensor, condition: Tensor], [axis?: number]> = define({
  name: "maskedSoftmax",
  inputs: ["x", "condition"],
  shape: ([x, condition], axis = -1) => {
    resolveAxis("maskedSoftmax", axis, x.length);
    const both = broadcast(x, condition);
    if ("because" in both || sameShape(both, x)) return both;
    return { because: `the condition ${showShape(condition)} does not broadcast to ${showShape(x)}.` };
  },
  compose: ([x, condition], axis = -1) =>
    inRows(maskedSoftmaxRows, [x, condition], axis, () => {
      const top = condition.where(x, Number.NEGATIVE_INFINITY).max({ axis, keepDims: true });
      const e = condition.where(x.sub(top.isFinite().where(top, 0)), Number.NEGATIVE_INFINITY).exp();
      const total = e.sum({ axis, keepDims: true });
      return e.mul(total.equal(0).where(1, total).reciprocal());
    }),
  pullback: (g, _, y, axis = -1) => [softmaxGradient(g, y, axis), null],
  samples: [
    { shapes: shapes([3, 4], [4]), conditions: { 1: [1, 0, 1, 1] } },
    { shapes: shapes([2, 3], [2, 3]), conditions: { 1: [0, 0, 0, 1, 1, 0] } },
  ],
  refusals: [{ shapes: shapes([4], [2, 4]), message: /the condition \[2, 4\] does not broadcast to \[4\]/ }],
});

/** The logarithm of softmax, accurate where probabilities vanish, and defined for infinite `x`. */
export const logSoftmax: OperationFunction<[x: Tensor], [axis?: number]> = define({
  name: "logSoftmax",
  inputs: ["x"],
  shape: ([x], axis = -1) => {
    resolveAxis("logSoftmax", axis, x.length);
    return x;
  },
  compose: ([x], axis = -1) =>
    inRows(logSoftmaxRows, [x], axis, () => {
      const shifted = belowTop(x, axis);
      return shifted.sub(shifted.exp().sum({ axis, keepDims: true }).log());
    }),
  pullback: (g, _, y, axis = -1) => [
    inRows(logSoftmaxGradientRows, [y, g], axis, () => g.sub(y.exp().mul(g.sum({ axis, keepDims: true })))),
  ],
  samples: [{ shapes: shapes([3, 4]) }, { shapes: shapes([2, 3, 2]), options: 0 }],
  refusals: [{ shapes: shapes([2, 3]), options: 2, message: /axis 2 of a tensor with 2 axes/ }],
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
  refusals: [{ shapes: shapes([2, 3]), options: { axis: 2 }, message: /axis 2 of a tensor with 2 axes/ }],
});
