import type { Shape, View } from "../device/device.ts";
import { tensorOf } from "../tensor/create.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { contiguousView } from "../tensor/view.ts";
import { mergeFirst } from "./batch.ts";
import { define, type OperationFunction } from "./define.ts";
import { checked, knownBelow } from "./indices.ts";
import { type Pair, pair } from "./pair.ts";
import { type Misfit, shapes } from "./record.ts";

export interface PoolOptions {
  readonly size: Pair;
  /** The size of the window, if not said. */
  readonly stride?: Pair;
  /** Cells added on every side: zeros for means, −∞ for maxima. */
  readonly padding?: Pair;
}

interface Windows {
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
}

function windowsOf({ size, stride }: PoolOptions): Windows {
  const both = pair(size, 1);
  return { size: both, stride: stride === undefined ? both : pair(stride, 1) };
}

function windowShape(x: Shape, { size, stride }: Windows): Shape | Misfit {
  if (x.length !== 4) return { because: `${showShape(x)}: expected [batch, channels, height, width].` };
  const odd = [...size, ...stride].find((n) => !Number.isInteger(n) || n < 1);
  if (odd !== undefined)
    return { because: `${showShape(x)}: windows and strides are whole numbers of 1 or more, not ${odd}.` };
  const height = Math.floor((x[2]! - size[0]) / stride[0]) + 1;
  const width = Math.floor((x[3]! - size[1]) / stride[1]) + 1;
  if (height < 1 || width < 1) return { because: `${showShape(x)}: windows of ${size[0]}×${size[1]} do not fit.` };
  return [x[0]!, x[1]!, height, width, size[0], size[1]];
}

/** Sliding windows over the last two of four axes, without copying: `[batch, channels, oh, ow, kh, kw]`. */
export const windows: OperationFunction<[x: Tensor], [options: Windows], "same"> = define({
  name: "windows",
  inputs: ["x"],
  kind: "same",
  shape: ([x], options) => windowShape(x, options),
  view: (x, _, options) => windowView(x, options),
  pullback: (g, [x], _, options) => [overlapAdd(g, x.shape, options)],
  batch: ([x], { size, shape }, options) =>
    mergeFirst(x)
      .windows(options)
      .reshape([size, ...shape]),
  samples: [
    { shapes: shapes([1, 2, 4, 5]), options: { size: [2, 3], stride: [1, 2] } },
    { shapes: shapes([2, 1, 4, 4]), options: { size: [2, 2], stride: [2, 2] } },
  ],
  refusals: [
    { shapes: shapes([1, 1, 2, 2]), options: { size: [3, 3], stride: [1, 1] }, message: /windows of 3×3 do not fit/ },
  ],
});

function windowView(x: View, options: Windows): View {
  const [sb, sc, sy, sx] = x.strides as [number, number, number, number];
  const strides = [sb, sc, sy * options.stride[0], sx * options.stride[1], sy, sx];
  return { buffer: x.buffer, shape: windowShape(x.shape, options) as Shape, strides, offset: x.offset };
}

/** Adds windows up where they lie in an image of shape `to`: the adjoint of `windows`. */
function overlapAdd(g: Tensor, to: Shape, { size, stride }: Windows): Tensor {
  const [batch, channels, oh, ow] = g.shape as [number, number, number, number];
  const tiles = size[0] === stride[0] && size[1] === stride[1] && oh * size[0] === to[2] && ow * size[1] === to[3];
  if (tiles) return g.transpose([0, 1, 2, 4, 3, 5]).reshape(to);
  const places = new Int32Array(oh * ow * size[0] * size[1]);
  let next = 0;
  for (let y = 0; y < oh; y++) {
    for (let x = 0; x < ow; x++) {
      for (let ky = 0; ky < size[0]; ky++) {
        for (let kx = 0; kx < size[1]; kx++) places[next++] = (y * stride[0] + ky) * to[3]! + x * stride[1] + kx;
      }
    }
  }
  const indices = tensorOf(places, "int32", [places.length], g.device);
  const flat = g.reshape([batch, channels, places.length]).scatterAdd(indices, { axis: 2, size: to[2]! * to[3]! });
  return flat.reshape(to);
}

/** The mean of every window. */
export const avgPool2d: OperationFunction<[x: Tensor], [options: PoolOptions]> = define({
  name: "avgPool2d",
  inputs: ["x"],
  shape: ([x], options) => pooledShape(x, options),
  compose: ([x], options) =>
    padded(x, options, 0)
      .windows(windowsOf(options))
      .mean({ axis: [4, 5] }),
  samples: [
    { shapes: shapes([2, 2, 4, 6]), options: { size: 2 } },
    { shapes: shapes([1, 1, 5, 5]), options: { size: 3, stride: 2, padding: 1 } },
  ],
  refusals: [
    {
      shapes: shapes([3, 28, 28]),
      options: { size: 2 },
      message: /\[3, 28, 28\]: expected \[batch, channels, height, width\]/,
    },
  ],
});

/** The largest element of every window; its gradient goes to the first of equals, as in PyTorch. */
export const maxPool2d: OperationFunction<[x: Tensor], [options: PoolOptions], "same"> = define({
  name: "maxPool2d",
  inputs: ["x"],
  kind: "same",
  shape: ([x], options) => pooledShape(x, options),
  compose: ([x], options) => largest(padded(x, options, Number.NEGATIVE_INFINITY), windowsOf(options)),
  samples: [
    { shapes: shapes([2, 2, 4, 6]), options: { size: 2 } },
    { shapes: shapes([1, 2, 5, 5]), options: { size: 3, stride: 2 } },
  ],
  refusals: [
    { shapes: shapes([1, 1, 4, 4]), options: { size: 0 }, message: /whole numbers of 1 or more, not 0/ },
    { shapes: shapes([1, 1, 1, 4]), options: { size: 2 }, message: /windows of 2×2 do not fit/ },
  ],
});

const largest: OperationFunction<[x: Tensor], [options: Windows], "same"> = define({
  name: "largestInWindows",
  inputs: ["x"],
  kind: "same",
  shape: ([x], options) => {
    const shape = windowShape(x, options);
    return "because" in shape ? shape : shape.slice(0, 4);
  },
  forward: ([x], device, _shape, options, dtype) => device.reduce("max", windowView(x, options), [4, 5], dtype),
  pullback: (g, [x], _, { size, stride }) => {
    const [height, width] = x.shape.slice(2) as [number, number];
    return [spreadOverWindows(g, positionInWindows(x, { size, stride }), { size, stride, to: [height, width] })];
  },
  batch: ([x], { size, shape }, options) => largest(mergeFirst(x), options).reshape([size, ...shape]),
  samples: [{ shapes: shapes([1, 2, 4, 4]), options: { size: [3, 3], stride: [1, 1] } }],
});

/** Position of the (first) largest element inside every window, row by row. */
const positionInWindows: OperationFunction<[x: Tensor], [options: Windows], "int32"> = define({
  name: "positionInWindows",
  inputs: ["x"],
  kind: "int32",
  shape: ([x], options) => {
    const shape = windowShape(x, options);
    return "because" in shape ? shape : shape.slice(0, 4);
  },
  forward: ([x], device, _shape, options, dtype) =>
    knownBelow(options.size[0] * options.size[1], device.reduce("argmax", windowView(x, options), [4, 5], dtype)),
  pullback: null,
  batch: ([x], { size, shape }, options) => positionInWindows(mergeFirst(x), options).reshape([size, ...shape]),
  samples: [{ shapes: shapes([1, 2, 4, 4]), options: { size: [2, 3], stride: [1, 1] } }],
});

/** Adds each element to the one at its position in its window, in images of `to`: the adjoint of picking them. */
const spreadOverWindows: OperationFunction<
  [x: Tensor, indices: Tensor<"int32">],
  [options: Windows & { readonly to: readonly [number, number] }],
  "same"
> = define({
  name: "spreadOverWindows",
  inputs: ["x", "indices"],
  kind: "same",
  shape: ([x, indices], { to, ...options }) => {
    const images = [x[0] ?? 0, x[1] ?? 0, ...to];
    const shape = windowShape(images, options);
    if ("because" in shape) return shape;
    const expected = shape.slice(0, 4);
    const fit = [x, indices].every((given) => `${given}` === `${expected}`);
    return fit ? images : { because: `${showShape(x)} at ${showShape(indices)}: expected ${showShape(expected)}.` };
  },
  forward: ([x, indices], device, shape, options) => {
    const size = options.size[0] * options.size[1];
    const at = checked("spreadOverWindows", indices, size, device, "position");
    const { shape: inside, strides } = windowView(contiguousView(x.buffer, shape), options);
    return device.spread(x, at, { shape: inside, strides }, shape);
  },
  pullback: (g, [, indices], _, { to: _to, ...options }) => [picked(g, indices as Tensor<"int32">, options), null],
  batch: ([x, indices], { size, shape, batched }, options) => {
    const [one, other] = [x, indices].map((input, i) =>
      mergeFirst(batched[i] ? input : input.expandDims(0).broadcastTo([size, ...input.shape])),
    ) as [Tensor, Tensor];
    return spreadOverWindows(one, other as Tensor<"int32">, options).reshape([size, ...shape]);
  },
  samples: [
    {
      shapes: shapes([1, 2, 3, 2], [1, 2, 3, 2]),
      indices: { 1: [0, 5, 2, 1, 3, 3, 4, 0, 0, 1, 2, 5] },
      options: { size: [2, 3], stride: [1, 2], to: [4, 6] },
    },
  ],
  refusals: [
    {
      shapes: shapes([1, 1, 2, 2], [1, 1, 2, 2]),
      options: { size: [2, 2], stride: [2, 2], to: [4, 6] },
      message: /\[1, 1, 2, 2\] at \[1, 1, 2, 2\]: expected \[1, 1, 2, 3\]/,
    },
  ],
});

/** The element at a position in every window. */
function picked(x: Tensor, positions: Tensor<"int32">, options: Windows): Tensor {
  const all = x.windows(options);
  const rows = all.reshape([...positions.shape, options.size[0] * options.size[1]]);
  return rows.takeAlongAxis(positions.expandDims(-1), -1).squeeze(-1);
}

function pooledShape(x: Shape, options: PoolOptions): Shape | Misfit {
  const [top, left] = pair(options.padding, 0);
  if (x.length !== 4) return { because: `${showShape(x)}: expected [batch, channels, height, width].` };
  const shape = windowShape([x[0]!, x[1]!, x[2]! + 2 * top, x[3]! + 2 * left], windowsOf(options));
  return "because" in shape ? shape : shape.slice(0, 4);
}

function padded(x: Tensor, { padding }: PoolOptions, value: number): Tensor {
  const [top, left] = pair(padding, 0);
  if (top === 0 && left === 0) return x;
  return x.pad({ before: [0, 0, top, left], after: [0, 0, top, left], value });
}
