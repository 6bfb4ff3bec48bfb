import type { Shape } from "../device/device.ts";
import { tensorOf } from "../tensor/create.ts";
import { resolveAxis, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Misfit, shapes } from "./record.ts";

/** Windows along an axis. */
export interface SlidingOptions {
  readonly axis: number;
  /** Elements of a window. */
  readonly size: number;
  /** Places from one window to the next; 1, if not said. */
  readonly stride?: number;
  /** Places from one element of a window to the next; 1, if not said. */
  readonly dilation?: number;
}

function refusedOption(options: SlidingOptions): Misfit | undefined {
  for (const name of ["size", "stride", "dilation"] as const) {
    const value = options[name] ?? 1;
    if (!Number.isInteger(value) || value < 1)
      return { because: `${name} is ${value}, expected a whole number of 1 or more.` };
  }
}

function count(n: number, { size, stride = 1, dilation = 1 }: SlidingOptions): number {
  return Math.floor((n - (size - 1) * dilation - 1) / stride) + 1;
}

/**
 * Sliding windows along an axis, without copying: `[…, n, …]` → `[…, windows, …, size]`, with the elements of each window
 * in a new last axis.
 */
export const unfold: OperationFunction<[x: Tensor], [options: SlidingOptions], "same"> = define({
  name: "unfold",
  inputs: ["x"],
  kind: "same",
  shape: ([x], options) => {
    const at = resolveAxis("unfold", options.axis, x.length);
    const refused = refusedOption(options);
    if (refused !== undefined) return refused;
    const windows = count(x[at]!, options);
    if (windows >= 1) return [...x.with(at, windows), options.size];
    return { because: `axis ${options.axis} of ${showShape(x)} is shorter than a window of ${options.size}.` };
  },
  view: (x, shape, { axis, stride = 1, dilation = 1 }) => {
    const at = resolveAxis("unfold", axis, x.shape.length);
    const step = x.strides[at]!;
    return {
      buffer: x.buffer,
      shape,
      strides: [...x.strides.with(at, step * stride), step * dilation],
      offset: x.offset,
    };
  },
  pullback: (g, [x], _, options) => [
    g.fold({ ...options, axis: resolveAxis("unfold", options.axis, x.rank), length: x.shape.at(options.axis)! }),
  ],
  batch: ([x], _, options) => x.unfold({ ...options, axis: resolveAxis("unfold", options.axis, x.rank - 1) + 1 }),
  samples: [
    { shapes: shapes([2, 5]), options: { axis: 1, size: 3 } },
    { shapes: shapes([7, 2]), options: { axis: 0, size: 2, stride: 2, dilation: 3 } },
  ],
  refusals: [
    {
      shapes: shapes([2, 3]),
      options: { axis: 1, size: 4 },
      message: /axis 1 of \[2, 3\] is shorter than a window of 4/,
    },
    { shapes: shapes([3]), options: { axis: 0, size: 0 }, message: /size is 0, expected a whole number of 1 or more/ },
  ],
});

/**
 * Windows added up where they lie on an axis of `length`: the adjoint of `unfold`. `[…, windows, …, size]` →
 * `[…, length, …]`; `axis` is that of the windows.
 */
export const fold: OperationFunction<[x: Tensor], [options: SlidingOptions & { readonly length: number }], "same"> =
  define({
    name: "fold",
    inputs: ["x"],
    kind: "same",
    shape: ([x], options) => {
      const at = resolveAxis("fold", options.axis, x.length - 1);
      const refused = refusedOption(options);
      if (refused !== undefined) return refused;
      const windows = count(options.length, options);
      if (x[at] === windows && x.at(-1) === options.size) return x.slice(0, -1).with(at, options.length);
      const expected = showShape([...x.slice(0, -1).with(at, windows), options.size]);
      return { because: `${showShape(x)} on a length of ${options.length}: expected ${expected}.` };
    },
    compose: ([x], options) => {
      const { stride = 1, dilation = 1, size, length } = options;
      const at = resolveAxis("fold", options.axis, x.rank - 1);
      const windows = x.shape[at]!;
      // The elements of a window beside the windows, so that both are one axis.
      const last = x.rank - 1;
      const order: Shape = [...Array.from({ length: last }, (_, i) => i).toSpliced(at + 1, 0, last)];
      const flat = x.transpose(order).reshape(x.shape.slice(0, -1).with(at, windows * size));
      const places = Int32Array.from(
        { length: windows * size },
        (_, i) => Math.floor(i / size) * stride + (i % size) * dilation,
      );
      return flat.scatterAdd(tensorOf(places, "int32", [places.length], x.device), { axis: at, size: length });
    },
    samples: [
      { shapes: shapes([2, 3, 3]), options: { axis: 1, size: 3, length: 5 } },
      { shapes: shapes([2, 2, 2]), options: { axis: 0, size: 2, stride: 2, dilation: 3, length: 7 } },
    ],
    refusals: [
      {
        shapes: shapes([2, 3, 3]),
        options: { axis: 1, size: 3, length: 6 },
        message: /\[2, 3, 3\] on a length of 6: expected \[2, 4, 3\]/,
      },
    ],
  });
