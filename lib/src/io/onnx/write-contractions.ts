import type { Conv2dOptions } from "../../operations/convolving.ts";
import type { SortOptions } from "../../operations/order.ts";
import type { PoolOptions } from "../../operations/pooling.ts";
import type { ReductionOptions } from "../../operations/reduction.ts";
import type { ConvTranspose2dOptions } from "../../operations/transposed-convolution.ts";
import { resolveAxes, resolveAxis } from "../../tensor/shapes.ts";
import type { Write, Writes, Writing } from "./writing.ts";

/** A number for each axis of space, from one for all or a list. */
const each = (value: number | readonly number[] | undefined, otherwise: number, axes: number): number[] =>
  typeof value === "object" ? [...value] : new Array<number>(axes).fill(value ?? otherwise);

/** Truth values are added as integers. */
const added = (w: Writing) => (w.inputs[0]!.dtype === "bool" ? w.as(0, "int32") : w.x(0));

function reduction(opType: string): Write {
  return (w) => {
    const { axis, keepDims = false } = (w.options ?? {}) as ReductionOptions;
    const axes = resolveAxes(opType, axis, w.inputs[0]!.rank);
    const x = opType === "ReduceMean" ? w.as(0, w.output.dtype) : added(w);
    const keepdims = keepDims ? 1 : 0;
    if (axes.length === 0) return w.add("Identity", [x]);
    // Since version 13 the axes of sums are an input; those of others are an attribute up to version 17.
    if (opType === "ReduceSum") return w.add(opType, [x, w.ints(axes)], { keepdims });
    return w.add(opType, [x], { axes, keepdims });
  };
}

const extreme =
  (opType: string): Write =>
  (w) => {
    const axis = resolveAxis(opType, (w.options as number | undefined) ?? -1, w.inputs[0]!.rank);
    return w.cast(w.add(opType, [w.x(0)], { axis, keepdims: 0 }), "int32");
  };

const alongAxis =
  (opType: string): Write =>
  (w) =>
    w.add(opType, [w.as(0, w.output.dtype)], {
      axis: resolveAxis(opType, (w.options as number | undefined) ?? -1, w.output.rank),
    });

function convolution(w: Writing): string {
  const axes = w.output.rank - 2;
  const { stride, padding, dilation, groups = 1 } = (w.options ?? {}) as Conv2dOptions;
  const pads = each(padding, 0, axes);
  return w.add("Conv", w.all(), {
    kernel_shape: w.inputs[1]!.shape.slice(2),
    strides: each(stride, 1, axes),
    pads: [...pads, ...pads],
    dilations: each(dilation, 1, axes),
    group: groups,
  });
}

function transposed(w: Writing): string {
  const axes = w.output.rank - 2;
  const { stride, padding, outputPadding, dilation, groups = 1 } = (w.options ?? {}) as ConvTranspose2dOptions;
  const pads = each(padding, 0, axes);
  return w.add("ConvTranspose", w.all(), {
    kernel_shape: w.inputs[1]!.shape.slice(2),
    strides: each(stride, 1, axes),
    pads: [...pads, ...pads],
    output_padding: each(outputPadding, 0, axes),
    dilations: each(dilation, 1, axes),
    group: groups,
  });
}

const pool =
  (opType: string): Write =>
  (w) => {
    const axes = w.output.rank - 2;
    const { size, stride, padding } = w.options as PoolOptions;
    const pads = each(padding, 0, axes);
    return w.add(opType, [w.x(0)], {
      kernel_shape: each(size, 1, axes),
      strides: each(stride ?? size, 1, axes),
      pads: [...pads, ...pads],
      ...(opType === "AveragePool" && { count_include_pad: 1 }),
    });
  };

/** All places of an axis in the order of its elements. */
function argsort(w: Writing): string {
  const { axis = -1, descending = false } = (w.options ?? {}) as SortOptions;
  const at = resolveAxis("argsort", axis, w.output.rank);
  const k = w.sizes(w.both(({ output }) => [output.shape[at]!]));
  const values = w.add("TopK", [w.x(0), k], { axis: at, largest: descending ? 1 : 0, sorted: 1 }, 2);
  return w.cast(`${values}_1`, "int32");
}

/** Products, sums, windows and orders. */
export const writeContractions: Writes = {
  matmul: (w) => w.add("MatMul", w.all()),
  sum: reduction("ReduceSum"),
  mean: reduction("ReduceMean"),
  prod: reduction("ReduceProd"),
  max: reduction("ReduceMax"),
  min: reduction("ReduceMin"),
  argmax: extreme("ArgMax"),
  argmin: extreme("ArgMin"),
  argsort,
  softmax: alongAxis("Softmax"),
  logSoftmax: alongAxis("LogSoftmax"),
  cumsum: (w) =>
    w.add("CumSum", [
      added(w),
      w.ints([resolveAxis("cumsum", (w.options as number | undefined) ?? -1, w.output.rank)], true),
    ]),
  conv1d: convolution,
  conv2d: convolution,
  conv3d: convolution,
  convTranspose1d: transposed,
  convTranspose2d: transposed,
  maxPool1d: pool("MaxPool"),
  maxPool2d: pool("MaxPool"),
  maxPool3d: pool("MaxPool"),
  avgPool1d: pool("AveragePool"),
  avgPool2d: pool("AveragePool"),
  avgPool3d: pool("AveragePool"),
};
