import { lpPool2d } from "../../operations/adaptive-pooling.ts";
import { conv1d, conv2d, conv3d } from "../../operations/convolution.ts";
import { avgPool2d, maxPool2d } from "../../operations/pooling.ts";
import { avgPool1d, avgPool3d, maxPool1d, maxPool3d } from "../../operations/pooling-volumes.ts";
import { convTranspose1d, convTranspose2d } from "../../operations/transposed-convolution.ts";
import { full } from "../../tensor/create.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Call, Runs } from "./call.ts";

/** The geometry of windows along the axes of space. */
interface Geometry {
  readonly size: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

function geometry(call: Call, x: Tensor, size: readonly number[]): Geometry {
  const space = x.shape.slice(2);
  const stride = call.ints("strides") ?? size.map(() => 1);
  const dilation = call.ints("dilations") ?? size.map(() => 1);
  const auto = call.text("auto_pad", "NOTSET");
  if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
    const total = space.map((n, i) => {
      const reach = (size[i]! - 1) * dilation[i]! + 1;
      return Math.max(0, (Math.ceil(n / stride[i]!) - 1) * stride[i]! + reach - n);
    });
    const [less, more] = [total.map((n) => Math.floor(n / 2)), total.map((n) => Math.ceil(n / 2))];
    const [before, after] = auto === "SAME_UPPER" ? [less, more] : [more, less];
    return { size, stride, dilation, before, after };
  }
  const pads = call.ints("pads") ?? size.flatMap(() => [0, 0]);
  return { size, stride, dilation, before: pads.slice(0, size.length), after: pads.slice(size.length) };
}

/** The input with its borders, where they differ from side to side or hold something else than zeros. */
function bordered(x: Tensor, before: readonly number[], after: readonly number[], value: number): Tensor {
  if ([...before, ...after].every((n) => n === 0)) return x;
  return x.pad({ before: [0, 0, ...before], after: [0, 0, ...after], value });
}

function conv(call: Call): Tensor {
  const [x, filters] = [call.x(0), call.x(1)];
  const { stride, dilation, before, after } = geometry(call, x, filters.shape.slice(2));
  const even = before.every((n, i) => n === after[i]);
  const input = even ? x : bordered(x, before, after, 0);
  const padding = even ? before : before.map(() => 0);
  const groups = call.int("group", 1);
  const y = convolved(call, input, filters, { stride, padding, dilation, groups });
  return biased(call, y);
}

interface Options {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

type Pair = readonly [number, number];
type Triple = readonly [number, number, number];

function convolved(call: Call, x: Tensor, filters: Tensor, { stride, padding, dilation, groups }: Options): Tensor {
  if (x.rank === 3)
    return conv1d(x, filters, { stride: stride[0]!, padding: padding[0]!, dilation: dilation[0]!, groups });
  if (x.rank === 4)
    return conv2d(x, filters, {
      stride: stride as Pair,
      padding: padding as Pair,
      dilation: dilation as Pair,
      groups,
    });
  if (x.rank === 5)
    return conv3d(x, filters, {
      stride: stride as Triple,
      padding: padding as Triple,
      dilation: dilation as Triple,
      groups,
    });
  return call.refuse(`a convolution over ${x.rank - 2} axes`);
}

function biased(call: Call, y: Tensor): Tensor {
  const bias = call.maybe(2);
  return bias === null ? y : y.add(bias.reshape([-1, ...y.shape.slice(2).map(() => 1)]));
}

function convTranspose(call: Call): Tensor {
  const [x, filters] = [call.x(0), call.x(1)];
  if (call.has("output_shape") || call.text("auto_pad", "NOTSET") !== "NOTSET")
    return call.refuse("a transposed convolution with output_shape or auto_pad");
  const { size, stride, dilation, before, after } = geometry(call, x, filters.shape.slice(2));
  const extra = call.ints("output_padding") ?? size.map(() => 0);
  const groups = call.int("group", 1);
  // Padding cuts off; what it cuts off less at the end is added as output padding.
  const outputPadding = extra.map((n, i) => n + before[i]! - after[i]!);
  if (x.rank === 3) {
    const options = { stride: stride[0]!, padding: before[0]!, outputPadding: outputPadding[0]!, groups };
    return biased(call, convTranspose1d(x, filters, { ...options, dilation: dilation[0]! }));
  }
  if (x.rank !== 4) return call.refuse(`a transposed convolution over ${x.rank - 2} axes`);
  const y = convTranspose2d(x, filters, {
    stride: stride as Pair,
    padding: before as Pair,
    outputPadding: outputPadding as unknown as Pair,
    dilation: dilation as Pair,
    groups,
  });
  return biased(call, y);
}

/** A pool without borders of its own. */
function pooled(
  call: Call,
  kind: "max" | "mean",
  x: Tensor,
  size: readonly number[],
  stride: readonly number[],
): Tensor {
  if (x.rank === 3)
    return (kind === "max" ? maxPool1d : avgPool1d)(x, { size: size[0]!, stride: stride[0]! }) as Tensor;
  if (x.rank === 4)
    return (kind === "max" ? maxPool2d : avgPool2d)(x, { size: size as Pair, stride: stride as Pair }) as Tensor;
  if (x.rank === 5)
    return (kind === "max" ? maxPool3d : avgPool3d)(x, { size: size as Triple, stride: stride as Triple }) as Tensor;
  return call.refuse(`pooling over ${x.rank - 2} axes`);
}

/** Windows, with what is added at the end so that the last one, which begins inside, is whole. */
function windowsOf(call: Call, x: Tensor): Geometry {
  const found = geometry(call, x, call.ints("kernel_shape") ?? []);
  if (found.dilation.some((n) => n !== 1)) return call.refuse("pooling with dilation");
  if (call.int("ceil_mode", 0) === 0) return found;
  const after = found.after.map((n, i) => {
    const [size, stride, before] = [found.size[i]!, found.stride[i]!, found.before[i]!];
    const cells = x.shape[i + 2]! + before + n;
    let count = Math.ceil((cells - size) / stride) + 1;
    // A window that would begin beyond the end is none.
    if ((count - 1) * stride >= x.shape[i + 2]! + before) count--;
    return n + Math.max(0, (count - 1) * stride + size - cells);
  });
  return { ...found, after };
}

function maxPool(call: Call): Tensor {
  if (call.node.output.length > 1 && call.node.output[1] !== "") return call.refuse("the places of maxima");
  const x = call.x(0);
  const { size, stride, before, after } = windowsOf(call, x);
  return pooled(call, "max", bordered(x, before, after, Number.NEGATIVE_INFINITY), size, stride);
}

/** Means over the cells that there are: of the borders those that are counted. */
function averagePool(call: Call): Tensor {
  const x = call.x(0);
  const { size, stride, before, after } = windowsOf(call, x);
  const means = pooled(call, "mean", bordered(x, before, after, 0), size, stride);
  const pads = call.ints("pads") ?? size.flatMap(() => [0, 0]);
  const counted = call.int("count_include_pad", 0) === 1;
  const ownAfter = call.text("auto_pad", "NOTSET") === "NOTSET" ? pads.slice(size.length) : after;
  const all = counted && after.every((n, i) => n === ownAfter[i]);
  if (all || [...before, ...after].every((n) => n === 0)) return means;
  const like = { dtype: x.dtype, device: x.device };
  const cells = full([1, 1, ...x.shape.slice(2)], 1, like) as Tensor;
  const there = counted
    ? bordered(
        bordered(cells, before, ownAfter, 1),
        before.map(() => 0),
        after.map((n, i) => n - ownAfter[i]!),
        0,
      )
    : bordered(cells, before, after, 0);
  return means.div(pooled(call, "mean", there, size, stride));
}

function lpPool(call: Call): Tensor {
  const x = call.x(0);
  if (x.rank !== 4) return call.refuse(`an Lp pool over ${x.rank - 2} axes`);
  const { size, stride, before, after } = windowsOf(call, x);
  const input = bordered(x, before, after, 0);
  return lpPool2d(input, { size: size as Pair, stride: stride as Pair, power: call.int("p", 2) });
}

/** Convolutions and pools. */
export const windows: Runs = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: maxPool,
  AveragePool: averagePool,
  LpPool: lpPool,
};
