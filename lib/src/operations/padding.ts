import type { Shape } from "../device/device.ts";
import { tensorOf } from "../tensor/create.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Misfit, shapes } from "./record.ts";

/** How many elements to add before and after each axis, and what they are. */
export interface PadOptions {
  readonly before: Shape;
  readonly after: Shape;
  /** Of a constant padding; 0, if not said. */
  readonly value?: number;
  /** "constant" if not said; "reflect" mirrors without repeating the edge, "replicate" repeats it, "circular" goes on from the other end. */
  readonly mode?: "constant" | "reflect" | "replicate" | "circular";
}

/** The tensor inside a larger one, which is filled with a constant or goes on from the edges. */
export const pad: OperationFunction<[x: Tensor], [options: PadOptions], "same"> = define({
  name: "pad",
  inputs: ["x"],
  kind: "same",
  shape: ([x], options) => paddedShape(x, options),
  compose: ([x], options) => {
    const { before, after, mode = "constant" } = options;
    if (mode === "constant") return x.padConstant(options);
    return before.reduce((part, start, axis) => {
      const n = x.shape[axis]!;
      if (start === 0 && after[axis] === 0) return part;
      const places = Int32Array.from({ length: n + start + after[axis]! }, (_, i) => source(mode, i - start, n));
      return part.take(tensorOf(places, "int32", [places.length], x.device), axis);
    }, x);
  },
  samples: [
    { shapes: shapes([2, 3]), options: { before: [1, 0], after: [0, 2] } },
    { shapes: shapes([3, 4]), options: { before: [2, 1], after: [1, 3], mode: "reflect" } },
    { shapes: shapes([2, 3]), options: { before: [2, 0], after: [1, 4], mode: "replicate" } },
    { shapes: shapes([2, 3]), options: { before: [2, 0], after: [1, 2], mode: "circular" } },
  ],
  refusals: [
    { shapes: shapes([2, 3]), options: { before: [1], after: [1] }, message: /expected one number for each axis/ },
    {
      shapes: shapes([2]),
      options: { before: [2], after: [0], mode: "reflect" },
      message: /axis 0 of \[2\] has 2 elements, so at most 1 can be added by reflection/,
    },
  ],
});

/** The place inside an axis of size `n` from which place `i`, outside it, is filled. */
function source(mode: "reflect" | "replicate" | "circular", i: number, n: number): number {
  if (mode === "replicate") return Math.min(n - 1, Math.max(0, i));
  if (mode === "circular") return (i + n) % n;
  return i < 0 ? -i : i < n ? i : 2 * n - 2 - i;
}

const modes = ["constant", "reflect", "replicate", "circular"] as const;
const waysOfFilling = { reflect: "reflection", replicate: "repetition", circular: "going round" } as const;

function paddedShape(x: Shape, { before, after, mode = "constant" }: PadOptions): Shape | Misfit {
  if (!modes.includes(mode)) return { because: `the mode is ${mode}, expected one of ${modes.join(", ")}.` };
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
  for (const [axis, n] of x.entries()) {
    if (mode === "constant") break;
    const most = Math.max(
      0,
      mode === "reflect" ? n - 1 : mode === "circular" || n === 0 ? n : Number.POSITIVE_INFINITY,
    );
    if (Math.max(before[axis]!, after[axis]!) > most) {
      return {
        because: `axis ${axis} of ${showShape(x)} has ${n} elements, so at most ${most} can be added by ${waysOfFilling[mode]}.`,
      };
    }
  }
  return x.map((n, i) => n + before[i]! + after[i]!);
}

/** `pad` with a constant, whose own gradient cuts off. */
export const padConstant: OperationFunction<[x: Tensor], [options: PadOptions], "same"> = define({
  name: "padConstant",
  inputs: ["x"],
  kind: "same",
  shape: ([x], options) => paddedShape(x, options),

  forward: ([x], device, shape, { before, value = 0 }, dtype) => {
    const fill = dtype === "bool" ? Number(value !== 0) : value;
    return device.pad([{ view: x, at: before }], shape, fill);
  },
  pullback: (g, [x], _, { before }) => [
    before.reduce((part, start, axis) => part.slice({ axis, start, stop: start + x.shape[axis]! }), g),
  ],
  batch: ([x], _, { before, after, ...rest }) =>
    x.padConstant({ ...rest, before: [0, ...before], after: [0, ...after] }),
  samples: [
    { shapes: shapes([2, 3]), options: { before: [1, 0], after: [0, 2] } },
    { shapes: shapes([2]), options: { before: [1], after: [1], value: 3 } },
  ],
  refusals: [{ shapes: shapes([2]), options: { before: [-1], after: [0] }, message: /-1 elements cannot be added/ }],
});
