import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Conv2dOptions, convolutionShape, convolve, full } from "./convolving.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Triple, triple } from "./pair.ts";
import { shapes } from "./record.ts";

export type { Conv2dOptions } from "./convolving.ts";

/**
 * Two-dimensional convolution (correlation, as in every deep-learning library).
 * `x [batch, channels, height, width]`, `filters [outputs, channels / groups, kh, kw]` → `[batch, outputs, oh, ow]`.
 */
export const conv2d: OperationFunction<[x: Tensor, filters: Tensor], [options?: Conv2dOptions]> = define({
  name: "conv2d",
  inputs: ["x", "filters"],
  shape: ([x, filters], options) => convolutionShape([x, filters], full(options)),
  compose: ([x, filters], options) => convolve(x, filters, full(options)),
  samples: [{ shapes: shapes([2, 2, 4, 5], [3, 2, 3, 2]), options: { padding: 1 } }],
  refusals: [
    {
      shapes: shapes([1, 1, 4, 4], [1, 1, 2, 2]),
      options: { stride: 0 },
      message: /whole numbers of 1 or more, not 0/,
    },
    {
      shapes: shapes([1, 1, 4, 4], [1, 1, 2, 2]),
      options: { padding: 0.5 },
      message: /paddings are whole numbers, not 0\.5/,
    },
    { shapes: shapes([8, 3, 32, 32], [16, 6, 5, 5]), message: /the input has 3 channels, the filters expect 6\./ },
    { shapes: shapes([3, 32, 32], [16, 3, 5, 5]), message: /One image as a batch: x\.expandDims\(0\)/ },
    { shapes: shapes([1, 1, 3, 3], [1, 1, 5, 5]), message: /the 5×5 filters do not fit.*padding: 2/s },
  ],
});

/** One-dimensional convolution: `x [batch, channels, length]`, `filters [outputs, channels / groups, taps]`. */
export const conv1d: OperationFunction<
  [x: Tensor, filters: Tensor],
  [
    options?: {
      readonly stride?: number;
      readonly padding?: number;
      readonly dilation?: number;
      readonly groups?: number;
    },
  ]
> = define({
  name: "conv1d",
  inputs: ["x", "filters"],
  shape: ([x, filters], options) => {
    if (x.length !== 3 || filters.length !== 3)
      return {
        because: `${showShape(x)} with filters ${showShape(filters)}: expected [batch, channels, length] and [outputs, channels, taps].`,
      };
    const flat = convolutionShape([x.toSpliced(2, 0, 1), filters.toSpliced(2, 0, 1)], full(flatOptions(options)));
    return "because" in flat ? flat : flat.toSpliced(2, 1);
  },
  compose: ([x, filters], options) => conv2d(x.expandDims(2), filters.expandDims(2), flatOptions(options)).squeeze(2),
  samples: [{ shapes: shapes([2, 2, 7], [3, 2, 3]), options: { stride: 2, padding: 1 } }],
  refusals: [{ shapes: shapes([2, 3, 7], [3, 2, 3]), message: /the input has 3 channels, the filters expect 2/ }],
});

function flatOptions({
  stride = 1,
  padding = 0,
  dilation = 1,
  groups = 1,
}: {
  stride?: number;
  padding?: number;
  dilation?: number;
  groups?: number;
} = {}): Conv2dOptions {
  return { stride: [1, stride], padding: [0, padding], dilation: [1, dilation], groups };
}

export interface Conv3dOptions {
  readonly stride?: Triple;
  /** Zeros on every side; 0 if not said. */
  readonly padding?: Triple;
  readonly dilation?: Triple;
  readonly groups?: number;
}

function inDepth({ stride, padding, dilation, groups = 1 }: Conv3dOptions = {}) {
  const parted = (value: Triple | undefined, otherwise: number) => {
    const [depth, ...plane] = triple(value, otherwise);
    return { depth, plane: plane as [number, number] };
  };
  const [strides, pads, apart] = [parted(stride, 1), parted(padding, 0), parted(dilation, 1)];
  return {
    depth: { stride: strides.depth, padding: pads.depth, dilation: apart.depth },
    plane: { stride: strides.plane, padding: pads.plane, dilation: apart.plane, groups },
  };
}

/** Three-dimensional convolution: `x [batch, channels, depth, height, width]`, `filters [outputs, channels / groups, kd, kh, kw]`. */
export const conv3d: OperationFunction<[x: Tensor, filters: Tensor], [options?: Conv3dOptions]> = define({
  name: "conv3d",
  inputs: ["x", "filters"],
  shape: ([x, filters], options) => {
    const both = `${showShape(x)} with filters ${showShape(filters)}`;
    if (x.length !== 5 || filters.length !== 5)
      return {
        because: `${both}: expected [batch, channels, depth, height, width] and [outputs, channels, depth, height, width].`,
      };
    const { depth, plane } = inDepth(options);
    const along = convolutionShape(
      [x.toSpliced(3, 2, 1), filters.toSpliced(3, 2, 1)].map((shape) => [...shape]) as [number[], number[]],
      full({
        stride: [depth.stride, 1],
        padding: [depth.padding, 0],
        dilation: [depth.dilation, 1],
        groups: plane.groups,
      }),
    );
    if ("because" in along) return { ...along, because: along.because.replace(/^[^:]*/, both) };
    const across = convolutionShape([x.toSpliced(2, 1), filters.toSpliced(2, 1)], full(plane));
    return "because" in across ? across : [x[0]!, filters[0]!, along[2]!, across[2]!, across[3]!];
  },
  // Windows of depth become channels, so that one flat convolution does it.
  compose: ([x, filters], options) => {
    const { depth, plane } = inDepth(options);
    const none = [0, 0, 0, 0, 0].with(2, depth.padding);
    const [batch, channels, , h, w] = x.shape as [number, number, number, number, number];
    const [outputs, each, taps, kh, kw] = filters.shape as [number, number, number, number, number];
    const windows = x
      .pad({ before: none, after: none })
      .unfold({ axis: 2, size: taps, stride: depth.stride, dilation: depth.dilation });
    const layers = windows.shape[2]!;
    const y = conv2d(
      windows.transpose([0, 2, 1, 5, 3, 4]).reshape([batch * layers, channels * taps, h, w]),
      filters.reshape([outputs, each * taps, kh, kw]),
      plane,
    );
    return y.reshape([batch, layers, outputs, ...y.shape.slice(2)]).transpose([0, 2, 1, 3, 4]);
  },
  samples: [
    { shapes: shapes([1, 2, 3, 3, 4], [2, 2, 2, 2, 2]), options: { padding: [1, 0, 1] } },
    {
      shapes: shapes([1, 2, 5, 3, 3], [2, 1, 2, 2, 3]),
      options: { stride: [1, 2, 1], dilation: [2, 1, 1], groups: 2 },
    },
  ],
  refusals: [
    { shapes: shapes([1, 3, 4, 4, 4], [2, 2, 2, 2, 2]), message: /the input has 3 channels, the filters expect 2/ },
    { shapes: shapes([3, 4, 4, 4], [2, 3, 2, 2, 2]), message: /expected \[batch, channels, depth, height, width\]/ },
  ],
});
