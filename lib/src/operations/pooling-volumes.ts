import type { Shape } from "../device/device.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Triple, triple } from "./pair.ts";
import { avgPool2d, maxPool2d, type PoolOptions } from "./pooling.ts";
import { type Misfit, type Operation, shapes } from "./record.ts";

export interface Pool1dOptions {
  readonly size: number;
  /** The size of the window, if not said. */
  readonly stride?: number;
  /** Cells added at both ends: zeros for means, −∞ for maxima. */
  readonly padding?: number;
}

export interface Pool3dOptions {
  readonly size: Triple;
  /** The size of the window, if not said. */
  readonly stride?: Triple;
  /** Cells added on every side: zeros for means, −∞ for maxima. */
  readonly padding?: Triple;
}

type Flat =
  | OperationFunction<[x: Tensor], [options: PoolOptions], "same">
  | OperationFunction<[x: Tensor], [options: PoolOptions]>;

/** Pooling of lines, as images one cell high. */
function overLines(name: string, flat: Flat) {
  const inTwo = ({ size, stride = size, padding = 0 }: Pool1dOptions): PoolOptions => ({
    size: [1, size],
    stride: [1, stride],
    padding: [0, padding],
  });
  return {
    name,
    inputs: ["x"],
    shape: ([x], options) => {
      if (x.length !== 3) return { because: `${showShape(x)}: expected [batch, channels, length].` };
      const shape = flat.operation.shape([x.toSpliced(2, 0, 1)], inTwo(options));
      return "because" in shape ? shape : shape.toSpliced(2, 1);
    },
    compose: ([x], options) => (flat(x.expandDims(2), inTwo(options)) as Tensor).squeeze(2),
    samples: [
      { shapes: shapes([2, 2, 6]), options: { size: 2 } },
      { shapes: shapes([1, 1, 7]), options: { size: 3, stride: 2, padding: 1 } },
    ],
    refusals: [
      { shapes: shapes([3, 28]), options: { size: 2 }, message: /\[3, 28\]: expected \[batch, channels, length\]/ },
      { shapes: shapes([1, 1, 3]), options: { size: 4 }, message: /windows of 1×4 do not fit/ },
    ],
  } satisfies Operation<[x: Tensor], [options: Pool1dOptions]>;
}

/** The mean of every window of `x [batch, channels, length]`. */
export const avgPool1d: OperationFunction<[x: Tensor], [options: Pool1dOptions]> = define(
  overLines("avgPool1d", avgPool2d),
);

/** The largest element of every window of `x [batch, channels, length]`; its gradient goes to the first of equals. */
export const maxPool1d: OperationFunction<[x: Tensor], [options: Pool1dOptions], "same"> = define({
  ...overLines("maxPool1d", maxPool2d),
  kind: "same",
});

/** Pooling of volumes: of every layer, and then of the layers. Means of means and maxima of maxima are those of all. */
function overVolumes(name: string, flat: Flat) {
  const parts = ({ size, stride = size, padding }: Pool3dOptions): { plane: PoolOptions; depth: PoolOptions } => {
    const [sizes, strides, pads] = [triple(size, 1), triple(stride, 1), triple(padding, 0)];
    return {
      plane: { size: [sizes[1], sizes[2]], stride: [strides[1], strides[2]], padding: [pads[1], pads[2]] },
      depth: { size: [sizes[0], 1], stride: [strides[0], 1], padding: [pads[0], 0] },
    };
  };
  return {
    name,
    inputs: ["x"],
    shape: ([x], options): Shape | Misfit => {
      if (x.length !== 5) return { because: `${showShape(x)}: expected [batch, channels, depth, height, width].` };
      const { plane, depth } = parts(options);
      const layers = flat.operation.shape([[...x.slice(0, 3), 1]], depth);
      const planes = flat.operation.shape([[x[0]!, x[1]!, ...x.slice(3)]], plane);
      if ("because" in layers) return layers;
      return "because" in planes ? planes : [x[0]!, x[1]!, layers[2]!, ...planes.slice(2)];
    },
    compose: ([x], options) => {
      const { plane, depth } = parts(options);
      const [batch, channels, layers, h, w] = x.shape as [number, number, number, number, number];
      const planes = flat(x.reshape([batch * channels, layers, h, w]), plane) as Tensor;
      const [oh, ow] = planes.shape.slice(2) as [number, number];
      const y = flat(planes.reshape([batch, channels, layers, oh * ow]), depth) as Tensor;
      return y.reshape([batch, channels, y.shape[2]!, oh, ow]);
    },
    samples: [
      { shapes: shapes([1, 2, 4, 4, 2]), options: { size: 2 } },
      { shapes: shapes([1, 1, 3, 5, 4]), options: { size: [2, 3, 2], stride: [1, 2, 1], padding: [1, 1, 0] } },
    ],
    refusals: [
      {
        shapes: shapes([3, 4, 4, 4]),
        options: { size: 2 },
        message: /\[3, 4, 4, 4\]: expected \[batch, channels, depth, height, width\]/,
      },
    ],
  } satisfies Operation<[x: Tensor], [options: Pool3dOptions]>;
}

/** The mean of every window of `x [batch, channels, depth, height, width]`. */
export const avgPool3d: OperationFunction<[x: Tensor], [options: Pool3dOptions]> = define(
  overVolumes("avgPool3d", avgPool2d),
);

/** The largest element of every window of `x [batch, channels, depth, height, width]`; its gradient goes to the first of equals. */
export const maxPool3d: OperationFunction<[x: Tensor], [options: Pool3dOptions], "same"> = define({
  ...overVolumes("maxPool3d", maxPool2d),
  kind: "same",
});
