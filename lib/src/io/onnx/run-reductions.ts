import { einsum } from "../../operations/einsum.ts";
import { topK } from "../../operations/order.ts";
import type { ReductionOptions } from "../../operations/reduction.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Call, Run, Runs } from "./call.ts";

/** Axes are an attribute in old files and an input in new ones; none means all. */
const reduction =
  (of: (x: Tensor, options: ReductionOptions) => Tensor): Run =>
  (call) => {
    const x = call.x(0);
    const axes = call.ints("axes") ?? call.maybeNumbers(1);
    const keepDims = call.int("keepdims", 1) === 1;
    if (axes === null || axes.length === 0) return call.int("noop_with_empty_axes", 0) === 1 ? x : of(x, { keepDims });
    return of(x, { axis: axes, keepDims });
  };

function logSumExp(x: Tensor, { axis, keepDims = false }: ReductionOptions): Tensor {
  const largest = x.max({ ...(axis !== undefined && { axis }), keepDims: true });
  const sum = x
    .sub(largest)
    .exp()
    .sum({ ...(axis !== undefined && { axis }), keepDims: true })
    .log()
    .add(largest);
  return keepDims ? sum : sum.sum({ ...(axis !== undefined && { axis }) });
}

const extreme =
  (name: "argmax" | "argmin"): Run =>
  (call) => {
    const x = call.x(0);
    const axis = call.int("axis", 0);
    if (call.int("select_last_index", 0) === 1) return call.refuse("the last of equal extremes");
    const found = x[name](axis);
    return call.int("keepdims", 1) === 1 ? found.expandDims(axis < 0 ? axis + x.rank : axis) : found;
  };

/** Vectors as matrices of one row or column, whose axis then goes. */
function matmul(a: Tensor, b: Tensor): Tensor {
  const product = (a.rank === 1 ? a.expandDims(0) : a).matmul(b.rank === 1 ? b.expandDims(1) : b);
  const withoutRow = a.rank === 1 ? product.squeeze(product.rank - 2) : product;
  return b.rank === 1 ? withoutRow.squeeze(withoutRow.rank - 1) : withoutRow;
}

function gemm(call: Call): Tensor {
  const a = call.int("transA", 0) === 1 ? call.x(0).transpose() : call.x(0);
  const b = call.int("transB", 0) === 1 ? call.x(1).transpose() : call.x(1);
  const [alpha, beta] = [call.float("alpha", 1), call.float("beta", 1)];
  const product = alpha === 1 ? a.matmul(b) : a.matmul(b).mul(alpha);
  const c = call.maybe(2);
  if (c === null) return product;
  return product.add(beta === 1 ? c : c.mul(beta));
}

function cumulated(call: Call): Tensor {
  const axis = call.numbers(1)[0]!;
  const backwards = call.int("reverse", 0) === 1;
  const x = backwards ? call.x(0).flip(axis) : call.x(0);
  const sums = x.cumsum(axis);
  const own = call.int("exclusive", 0) === 1 ? sums.sub(x) : sums;
  return (backwards ? own.flip(axis) : own) as Tensor;
}

function top(call: Call): readonly Tensor[] {
  const k = call.opset < 10 ? call.int("k") : call.numbers(1)[0]!;
  const { values, indices } = topK(call.x(0), k, {
    axis: call.int("axis", -1),
    smallest: call.int("largest", 1) === 0,
  });
  return [values, indices];
}

/** Mean 0 and variance 1 over the axes from one on. */
function layerNorm(call: Call): Tensor {
  const x = call.x(0);
  const from = call.int("axis", -1);
  const first = from < 0 ? from + x.rank : from;
  const options = { axis: x.shape.map((_, i) => i).slice(first), keepDims: true };
  const normal = normalised(x, options.axis, call.float("epsilon", 1e-5));
  const scaled = normal.mul(call.x(1));
  const bias = call.maybe(2);
  return bias === null ? scaled : scaled.add(bias);
}

function normalised(x: Tensor, axis: readonly number[], epsilon: number): Tensor {
  const options = { axis, keepDims: true };
  return x.sub(x.mean(options)).div(x.variance(options).add(epsilon).sqrt());
}

/** One number for each channel, against `[batch, channels, …]`. */
const perChannel = (values: Tensor, x: Tensor) => values.reshape([values.size, ...x.shape.slice(2).map(() => 1)]);

function batchNorm(call: Call): Tensor {
  const x = call.x(0);
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => perChannel(call.x(i), x)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const spread = variance.add(call.float("epsilon", 1e-5)).sqrt();
  return x.sub(mean).div(spread).mul(scale).add(bias);
}

function instanceNorm(call: Call): Tensor {
  const x = call.x(0);
  const axes = x.shape.map((_, i) => i).slice(2);
  return normalised(x, axes, call.float("epsilon", 1e-5))
    .mul(perChannel(call.x(1), x))
    .add(perChannel(call.x(2), x));
}

function groupNorm(call: Call): Tensor {
  const x = call.x(0);
  const groups = call.int("num_groups");
  const split = x.reshape([x.shape[0]!, groups, -1]);
  const normal = normalised(split, [2], call.float("epsilon", 1e-5)).reshape(x.shape);
  // Before version 21 there was one number for each group.
  const each = (values: Tensor) =>
    perChannel(values.size === groups ? values.repeat({ count: x.shape[1]! / groups }) : values, x);
  return normal.mul(each(call.x(1))).add(each(call.x(2)));
}

/** Local response normalisation (Krizhevsky, Sutskever and Hinton 2012). */
function responseNorm(call: Call): Tensor {
  const x = call.x(0);
  const size = call.int("size");
  const before = Math.floor((size - 1) / 2);
  const none = x.shape.map(() => 0);
  const wide = x.square().pad({ before: none.with(1, before), after: none.with(1, size - 1 - before) });
  const channels = x.shape[1]!;
  const sum = Array.from({ length: size }, (_, i) => wide.slice({ axis: 1, start: i, stop: i + channels })).reduce(
    (a, b) => a.add(b) as Tensor,
  );
  const scale = sum.mul(call.float("alpha", 1e-4) / size).add(call.float("bias", 1));
  return x.div(scale.pow(call.float("beta", 0.75)));
}

/** Sums, means, extremes and products. */
export const reductions: Runs = {
  ReduceSum: reduction((x, options) => x.sum(options)),
  ReduceMean: reduction((x, options) => x.mean(options)),
  ReduceMax: reduction((x, options) => x.max(options)),
  ReduceMin: reduction((x, options) => x.min(options)),
  ReduceProd: reduction((x, options) => x.prod(options)),
  ReduceL1: reduction((x, options) => x.abs().sum(options)),
  ReduceL2: reduction((x, options) => x.square().sum(options).sqrt()),
  ReduceSumSquare: reduction((x, options) => x.square().sum(options)),
  ReduceLogSum: reduction((x, options) => x.sum(options).log()),
  ReduceLogSumExp: reduction(logSumExp),
  ArgMax: extreme("argmax"),
  ArgMin: extreme("argmin"),
  TopK: top,
  CumSum: cumulated,
  MatMul: (call) => matmul(call.x(0), call.x(1)),
  Gemm: gemm,
  Einsum: (call) => einsum(call.text("equation") as string, ...call.all()),
  LayerNormalization: layerNorm,
  BatchNormalization: batchNorm,
  InstanceNormalization: instanceNorm,
  GroupNormalization: groupNorm,
  LRN: responseNorm,
  GlobalAveragePool: (call) => call.x(0).mean({ axis: over(call), keepDims: true }),
  GlobalMaxPool: (call) => call.x(0).max({ axis: over(call), keepDims: true }),
};

/** All axes but batch and channels. */
const over = (call: Call) =>
  call
    .x(0)
    .shape.map((_, i) => i)
    .slice(2);
