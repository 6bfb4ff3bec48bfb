import type { ConvolutionOptions, Shape } from "../device/device.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { convolutionShape, convolve } from "./convolving.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Pair, pair } from "./pair.ts";
import { type Misfit, shapes } from "./record.ts";

export interface ConvTranspose2dOptions {
  readonly stride?: Pair;
  readonly padding?: Pair;
  /** Rows and columns added at the bottom and right of the output. */
  readonly outputPadding?: Pair;
  readonly dilation?: Pair;
  readonly groups?: number;
}

/** Filters of the convolution that a transposed one is: `[groups · outputs, inputs / groups, kh, kw]`, turned by 180°. */
function turned(filters: Tensor, groups: number): Tensor {
  const [inputs, outputs, kh, kw] = filters.shape as [number, number, number, number];
  const each = filters.flip([2, 3]).reshape([groups, inputs / groups, outputs, kh, kw]);
  return each.transpose([0, 2, 1, 3, 4]).reshape([groups * outputs, inputs / groups, kh, kw]);
}

function outcome([x, filters]: readonly [Shape, Shape], options: ConvTranspose2dOptions = {}): Shape | Misfit {
  const { groups = 1 } = options;
  const both = `${showShape(x)} with filters ${showShape(filters)}`;
  if (x.length !== 4 || filters.length !== 4)
    return {
      because: `${both}: expected [batch, channels, height, width] and [channels, outputs / groups, height, width].`,
    };
  if (!Number.isInteger(groups) || groups < 1 || filters[0]! % groups !== 0)
    return { because: `${both}: ${filters[0]} channels do not divide into ${groups} groups.` };
  if (x[1] !== filters[0])
    return { because: `${both}: the input has ${x[1]} channels, the filters expect ${filters[0]}.` };
  const extra = pair(options.outputPadding, 0);
  const odd = [...pair(options.padding, 0), ...extra].find((n) => !Number.isInteger(n));
  if (odd !== undefined) return { because: `${both}: paddings are whole numbers, not ${odd}.` };
  const most = [0, 1].map((axis) => Math.max(pair(options.stride, 1)[axis]!, pair(options.dilation, 1)[axis]!));
  if (extra.some((n, axis) => n >= most[axis]!))
    return { because: `${both}: an output padding of ${extra.join(" × ")}, expected less than stride or dilation.` };
  const sizes = [filters[1]! * groups, filters[0]! / groups, ...filters.slice(2)];
  return convolutionShape([x, sizes], transposed(filters, options));
}

/**
 * Transposed convolution: what the gradient of `conv2d` does to its input, as an operation of its own.
 * `x [batch, inputs, h, w]` with `filters [inputs, outputs / groups, kh, kw]`, PyTorch's layout → `[batch, outputs, oh, ow]`.
 */
export const convTranspose2d: OperationFunction<[x: Tensor, filters: Tensor], [options?: ConvTranspose2dOptions]> =
  define({
    name: "convTranspose2d",
    inputs: ["x", "filters"],
    shape: (both, options) => outcome(both, options),
    compose: ([x, filters], options) =>
      convolve(x, turned(filters, options?.groups ?? 1), transposed(filters.shape, options)),
    samples: [
      { shapes: shapes([1, 2, 3, 3], [2, 3, 3, 3]), options: { stride: 2, padding: 1, outputPadding: 1 } },
      { shapes: shapes([1, 4, 2, 3], [4, 1, 2, 2]), options: { groups: 2 } },
    ],
    refusals: [
      {
        shapes: shapes([1, 2, 3, 3], [2, 3, 3, 3]),
        options: { padding: 0.5 },
        message: /paddings are whole numbers, not 0\.5/,
      },
      { shapes: shapes([1, 3, 4, 4], [2, 3, 3, 3]), message: /the input has 3 channels, the filters expect 2/ },
      {
        shapes: shapes([1, 3, 4, 4], [3, 1, 3, 3]),
        options: { groups: 2 },
        message: /3 channels do not divide into 2/,
      },
      {
        shapes: shapes([1, 2, 4, 4], [2, 1, 3, 3]),
        options: { outputPadding: 1 },
        message: /an output padding of 1 × 1, expected less than stride or dilation/,
      },
    ],
  });

function transposed(
  filters: Shape,
  { stride, padding, outputPadding, dilation, groups = 1 }: ConvTranspose2dOptions = {},
): ConvolutionOptions {
  const apart = pair(dilation, 1);
  const pads = pair(padding, 0);
  const extra = pair(outputPadding, 0);
  const side = (axis: 0 | 1) => {
    const edge = ((filters[axis + 2] ?? 1) - 1) * apart[axis] - pads[axis];
    return [edge, edge + extra[axis]] as const;
  };
  return { stride: [1, 1], padding: [side(0), side(1)], dilation: apart, inputDilation: pair(stride, 1), groups };
}

export interface ConvTranspose1dOptions {
  readonly stride?: number;
  readonly padding?: number;
  /** Elements added at the end of the output. */
  readonly outputPadding?: number;
  readonly dilation?: number;
  readonly groups?: number;
}

function inTwo(options: ConvTranspose1dOptions = {}): ConvTranspose2dOptions {
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
  return {
    stride: [1, stride],
    padding: [0, padding],
    outputPadding: [0, outputPadding],
    dilation: [1, dilation],
    groups,
  };
}

/** Transposed convolution of `x [batch, inputs, length]` with `filters [inputs, outputs / groups, taps]`. */
export const convTranspose1d: OperationFunction<[x: Tensor, filters: Tensor], [options?: ConvTranspose1dOptions]> =
  define({
    name: "convTranspose1d",
    inputs: ["x", "filters"],
    shape: ([x, filters], options) => {
      if (x.length !== 3 || filters.length !== 3)
        return {
          because: `${showShape(x)} with filters ${showShape(filters)}: expected [batch, channels, length] and [channels, outputs / groups, taps].`,
        };
      const flat = outcome([x.toSpliced(2, 0, 1), filters.toSpliced(2, 0, 1)], inTwo(options));
      return "because" in flat ? flat : flat.toSpliced(2, 1);
    },
    compose: ([x, filters], options) =>
      convTranspose2d(x.expandDims(2), filters.expandDims(2), inTwo(options)).squeeze(2),
    samples: [{ shapes: shapes([1, 2, 3], [2, 3, 3]), options: { stride: 2, padding: 1, outputPadding: 1 } }],
    refusals: [{ shapes: shapes([1, 3, 4], [2, 3, 3]), message: /the input has 3 channels, the filters expect 2/ }],
  });
