import type { ConvolutionOptions, Shape } from "../device/device.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { mergeFirst } from "./batch.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Pair, pair } from "./pair.ts";
import { type Misfit, shapes } from "./record.ts";

export interface Conv2dOptions {
  readonly stride?: Pair;
  /** Zeros on every side; 0 if not said. */
  readonly padding?: Pair;
  readonly dilation?: Pair;
  readonly groups?: number;
}

/** The same for an operation in which every option is said, and padding may differ on each side. */
export function full({ stride, padding, dilation, groups = 1 }: Conv2dOptions = {}): ConvolutionOptions {
  const [top, left] = pair(padding, 0);
  return {
    stride: pair(stride, 1),
    padding: [
      [top, top],
      [left, left],
    ],
    dilation: pair(dilation, 1),
    inputDilation: [1, 1],
    groups,
  };
}

/** Extent of the output along one axis; may be zero or less where the filter does not fit. */
function extent(x: number, taps: number, axis: 0 | 1, o: ConvolutionOptions): number {
  const wide = (x - 1) * o.inputDilation[axis] + 1 + o.padding[axis][0] + o.padding[axis][1];
  return Math.floor((wide - (taps - 1) * o.dilation[axis] - 1) / o.stride[axis]) + 1;
}

export function convolutionShape([x, filters]: readonly [Shape, Shape], options: ConvolutionOptions): Shape | Misfit {
  const both = `${showShape(x)} with filters ${showShape(filters)}`;
  if (x.length !== 4 || filters.length !== 4) {
    return {
      because: `${both}: expected [batch, channels, height, width] and [outputs, channels, height, width].`,
      hint: x.length === 3 ? "One image as a batch: x.expandDims(0)." : "Check the shapes with x.shape.",
    };
  }
  const { groups } = options;
  const odd = [...options.stride, ...options.dilation, ...options.inputDilation, groups].find(
    (n) => !Number.isInteger(n) || n < 1,
  );
  if (odd !== undefined)
    return { because: `${both}: strides, dilations and groups are whole numbers of 1 or more, not ${odd}.` };
  const broken = options.padding.flat().find((n) => !Number.isInteger(n));
  if (broken !== undefined) return { because: `${both}: paddings are whole numbers, not ${broken}.` };
  if (x[1] !== filters[1]! * groups) {
    const per = groups === 1 ? "" : ` in each of ${groups} groups`;
    return {
      because: `${both}: the input has ${x[1]} ${x[1] === 1 ? "channel" : "channels"}, the filters expect ${filters[1]}${per}.`,
    };
  }
  if (filters[0]! % groups !== 0)
    return { because: `${both}: ${filters[0]} outputs do not divide into ${groups} groups.` };
  const height = extent(x[2]!, filters[2]!, 0, options);
  const width = extent(x[3]!, filters[3]!, 1, options);
  if (height < 1 || width < 1) {
    return {
      because: `${both}: the ${filters[2]}×${filters[3]} filters do not fit into the padded image.`,
      hint: `Pad more: { padding: ${Math.floor(Math.max(filters[2]!, filters[3]!) / 2)} }.`,
    };
  }
  return [x[0]!, filters[0]!, height, width];
}

/** The convolution in its most general form, of which both of its own gradients are cases. */
export const convolve: OperationFunction<[x: Tensor, filters: Tensor], [options: ConvolutionOptions]> = define({
  name: "convolve",
  inputs: ["x", "filters"],
  shape: ([x, filters], options) => convolutionShape([x, filters], options),
  forward: ([x, filters], device, _shape, options) => device.convolve(x, filters, options),
  pullback: (g, [x, filters], _, options) => [
    () => inputGradient(g, x.shape, filters, options),
    () => filterGradient(g, x, filters.shape, options),
  ],
  batch: ([x, filters], { batched, size, shape }, options) => {
    if (!batched[1]) return convolve(mergeFirst(x), filters, options).reshape([size, ...shape]);
    // Each example's filters as groups of their own, on channels of their own.
    const all = batched[0] ? x : x.expandDims(0).broadcastTo([size, ...x.shape]);
    const [, batch, channels, h, w] = all.shape as [number, number, number, number, number];
    const side = all.transpose([1, 0, 2, 3, 4]).reshape([batch, size * channels, h, w]);
    const y = convolve(side, mergeFirst(filters), { ...options, groups: size * options.groups });
    return y.reshape([batch, size, ...shape.slice(1)]).transpose([1, 0, 2, 3, 4]);
  },
  samples: [
    { shapes: shapes([2, 2, 4, 5], [3, 2, 3, 2]), options: full() },
    { shapes: shapes([1, 4, 5, 5], [4, 2, 3, 3]), options: full({ stride: 2, padding: 1, groups: 2 }) },
    {
      shapes: shapes([2, 1, 6, 4], [2, 1, 2, 2]),
      options: full({ dilation: [2, 1], padding: [0, 1], stride: [1, 2] }),
    },
    {
      shapes: shapes([1, 2, 3, 3], [2, 2, 2, 2]),
      options: {
        stride: [1, 1],
        padding: [
          [1, 0],
          [-1, 2],
        ],
        dilation: [1, 1],
        inputDilation: [2, 2],
        groups: 1,
      },
    },
  ],
});

/** ∂E/∂x: the cotangent, spread by the stride, convolved with the filters turned by 180° and their channels exchanged. */
function inputGradient(g: Tensor, x: Shape, filters: Tensor, o: ConvolutionOptions): Tensor {
  const [outputs, perGroup, kh, kw] = filters.shape as [number, number, number, number];
  const grouped = filters.flip([2, 3]).reshape([o.groups, outputs / o.groups, perGroup, kh, kw]);
  const turned = grouped.transpose([0, 2, 1, 3, 4]).reshape([o.groups * perGroup, outputs / o.groups, kh, kw]);
  const padding = ([0, 1] as const).map((axis) => {
    const taps = (filters.shape[axis + 2]! - 1) * o.dilation[axis] + 1;
    const before = taps - 1 - o.padding[axis][0];
    const spread = (g.shape[axis + 2]! - 1) * o.stride[axis] + 1;
    const wide = (x[axis + 2]! - 1) * o.inputDilation[axis] + 1;
    return [before, wide - (spread + before - taps + 1)] as const;
  }) as unknown as ConvolutionOptions["padding"];
  return convolve(g, turned, {
    stride: o.inputDilation,
    padding,
    dilation: o.dilation,
    inputDilation: o.stride,
    groups: o.groups,
  });
}

/** ∂E/∂filters: input and cotangent with batch and channels exchanged, so that the sum over the batch is a sum over channels. */
function filterGradient(g: Tensor, x: Tensor, filters: Shape, o: ConvolutionOptions): Tensor {
  const [batch, , h, w] = x.shape as [number, number, number, number];
  const perGroup = filters[1]!;
  const { groups } = o;
  // [batch, groups, perGroup, h, w] → [perGroup, groups · batch, h, w]: the groups stay apart as groups of channels.
  const turnedX =
    groups === 1
      ? x.transpose([1, 0, 2, 3])
      : x
          .reshape([batch, groups, perGroup, h, w])
          .transpose([2, 1, 0, 3, 4])
          .reshape([perGroup, groups * batch, h, w]);
  const turnedG = g.transpose([1, 0, 2, 3]);
  const padding = ([0, 1] as const).map((axis) => {
    const wide = (x.shape[axis + 2]! - 1) * o.inputDilation[axis] + 1;
    const spread = (g.shape[axis + 2]! - 1) * o.stride[axis] + 1;
    const taps = (filters[axis + 2]! - 1) * o.dilation[axis] + 1;
    // Crops what no window reached, so that exactly the filter's taps come out.
    return [o.padding[axis][0], spread + taps - 1 - wide - o.padding[axis][0]] as const;
  }) as unknown as ConvolutionOptions["padding"];
  const gradient = convolve(turnedX, turnedG, {
    stride: o.dilation,
    padding,
    dilation: o.stride,
    inputDilation: o.inputDilation,
    groups,
  });
  return gradient.transpose([1, 0, 2, 3]);
}
