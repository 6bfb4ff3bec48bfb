import type { Shape } from "../device/device.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { shapes } from "./record.ts";

/** How many elements to add before and after each axis, and their value (0, if not said). */
export interface PadOptions {
  readonly before: Shape;
  readonly after: Shape;
  readonly value?: number;
}

/** The tensor inside a larger one filled with a constant. */
export const pad: OperationFunction<[x: Tensor], [options: PadOptions], "same"> = define({
  name: "pad",
  inputs: ["x"],
  kind: "same",
  shape: ([x], { before, after }) => {
    if (before.length !== x.length || after.length !== x.length) {
      return {
        because: `${showShape(x)} with before ${showShape(before)} and after ${showShape(after)}: expected one number for each axis.`,
      };
    }
    const odd = [...before, ...after].find((n) => !Number.isInteger(n) || n < 0);
    if (odd !== undefined)
      return {
        because: `${showShape(x)}: ${odd} elements cannot be added, expected 0 or more. To cut off, use slice.`,
      };
    return x.map((n, i) => n + before[i]! + after[i]!);
  },
  forward: ([x], device, shape, { before, value = 0 }) => device.pad([{ view: x, at: before }], shape, value),
  pullback: (g, [x], _, { before }) => [
    before.reduce((part, start, axis) => part.slice({ axis, start, stop: start + x.shape[axis]! }), g),
  ],
  samples: [
    { shapes: shapes([2, 3]), options: { before: [1, 0], after: [0, 2] } },
    { shapes: shapes([2]), options: { before: [1], after: [1], value: 3 } },
  ],
  refusals: [
    { shapes: shapes([2, 3]), options: { before: [1], after: [1] }, message: /expected one number for each axis/ },
  ],
});
