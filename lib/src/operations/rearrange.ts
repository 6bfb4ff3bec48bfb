import type { Shape } from "../device/device.ts";
import { IndexError } from "../tensor/errors.ts";
import { broadcastShapes, resolveAxes, resolveAxis, sameShape, showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { broadcastView, permuteView, reshapeView } from "../tensor/view.ts";
import { withRank } from "./batch.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Misfit, shapes } from "./record.ts";

/** The same elements, row by row, in another shape; one size may be −1 and is worked out. */
export const reshape: OperationFunction<[x: Tensor], [shape: Shape], "same"> = define({
  name: "reshape",
  inputs: ["x"],
  kind: "same",
  shape: ([x], shape) => workOut(x, shape),
  view: (x, shape) => reshapeView(x, shape),
  pullback: (g, [x]) => [g.reshape(x.shape)],
  batch: ([x], { size, shape }) => x.reshape([size, ...shape]),
  samples: [
    { shapes: shapes([2, 6]), options: [3, -1] },
    { shapes: shapes([4]), options: [2, 1, 2] },
    { shapes: shapes([]), options: [1, 1] },
  ],
  refusals: [
    { shapes: shapes([2, 3]), options: [4, -1], message: /\[2, 3\] has 6 elements, which do not fill \[4, -1\]/ },
    { shapes: shapes([2, 3]), options: [-2, -3], message: /has a size of -2; expected whole numbers/ },
    { shapes: shapes([2, 3]), options: [7], message: /has 6 elements, \[7\] has 7/ },
  ],
});

function workOut(x: Shape, shape: Shape): Shape | Misfit {
  const size = sizeOf(x);
  const odd = shape.find((n) => n !== -1 && !(Number.isInteger(n) && n >= 0));
  if (odd !== undefined)
    return { because: `${showShape(shape)} has a size of ${odd}; expected whole numbers of 0 or more, or one −1.` };
  const open = shape.filter((n) => n === -1).length;
  if (open > 1) return { because: `${showShape(shape)} has more than one −1; only one size can be worked out.` };
  if (open === 0) {
    return sizeOf(shape) === size
      ? shape
      : { because: `${showShape(x)} has ${size} elements, ${showShape(shape)} has ${sizeOf(shape)}.` };
  }
  const rest = -sizeOf(shape);
  if (rest === 0 || size % rest !== 0)
    return { because: `${showShape(x)} has ${size} elements, which do not fill ${showShape(shape)}.` };
  return shape.map((n) => (n === -1 ? size / rest : n));
}

/** Axes in another order; without one, the last two change places. */
export const transpose: OperationFunction<[x: Tensor], [axes?: readonly number[]], "same"> = define({
  name: "transpose",
  inputs: ["x"],
  kind: "same",
  shape: ([x], axes) => order("transpose", x, axes).map((axis) => x[axis]!),
  view: (x, _, axes) => permuteView(x, order("transpose", x.shape, axes)),
  pullback: (g, [x], _, axes) => {
    const forward = order("transpose", x.shape, axes);
    return [g.transpose(forward.map((_, axis) => forward.indexOf(axis)))];
  },
  batch: ([x], _, axes) => x.transpose([0, ...order("transpose", x.shape.slice(1), axes).map((axis) => axis + 1)]),
  samples: [
    { shapes: shapes([2, 3]) },
    { shapes: shapes([2, 3, 4]), options: [2, 0, 1] },
    { shapes: shapes([5]), options: [0] },
  ],
  refusals: [{ shapes: shapes([2, 3]), options: [0, 0], message: /axes \[0, 0\] are not an order of the 2 axes/ }],
});

function order(who: string, x: Shape, axes: readonly number[] | undefined): number[] {
  if (axes === undefined) {
    const plain = x.map((_, i) => i);
    return x.length < 2 ? plain : [...plain.slice(0, -2), x.length - 1, x.length - 2];
  }
  const resolved = axes.map((axis) => resolveAxis(who, axis, x.length));
  if (new Set(resolved).size !== x.length || resolved.length !== x.length) {
    throw new IndexError(who, `axes ${showShape(axes)} are not an order of the ${x.length} axes of ${showShape(x)}.`);
  }
  return resolved;
}

/** The tensor repeated along new and size-1 axes, without copying. */
export const broadcastTo: OperationFunction<[x: Tensor], [shape: Shape], "same"> = define({
  name: "broadcastTo",
  inputs: ["x"],
  kind: "same",
  shape: ([x], shape) => {
    const result = broadcastShapes(x, shape);
    return "shape" in result && sameShape(result.shape, shape)
      ? shape
      : { because: `${showShape(x)} does not broadcast to ${showShape(shape)}.` };
  },
  view: (x, shape) => broadcastView(x, shape),
  pullback: (g, [x]) => [g.sumTo(x.shape)],
  batch: ([x], { size, shape }) => withRank(x, shape.length).broadcastTo([size, ...shape]),
  samples: [
    { shapes: shapes([3, 1]), options: [3, 4] },
    { shapes: shapes([2]), options: [3, 2] },
    { shapes: shapes([]), options: [2, 2] },
  ],
  refusals: [{ shapes: shapes([3]), options: [4], message: /\[3\] does not broadcast to \[4\]/ }],
});

/** A new axis of size 1 at that place. */
export const expandDims: OperationFunction<[x: Tensor], [axis: number], "same"> = define({
  name: "expandDims",
  inputs: ["x"],
  kind: "same",
  shape: ([x], axis) => x.toSpliced(resolveAxis("expandDims", axis, x.length + 1), 0, 1),
  view: (x, shape) => reshapeView(x, shape),
  pullback: (g, [x]) => [g.reshape(x.shape)],
  batch: ([x], { size, shape }) => x.reshape([size, ...shape]),
  samples: [
    { shapes: shapes([2, 3]), options: 1 },
    { shapes: shapes([2]), options: -1 },
  ],
  refusals: [{ shapes: shapes([2]), options: 3, message: /axis 3 of a tensor with 2 axes/ }],
});

/** Without an axis of size 1; without any of them, if none is named. */
export const squeeze: OperationFunction<[x: Tensor], [axis?: number], "same"> = define({
  name: "squeeze",
  inputs: ["x"],
  kind: "same",
  shape: ([x], axis) => {
    if (axis === undefined) return x.filter((n) => n !== 1);
    const at = resolveAxis("squeeze", axis, x.length);
    if (x[at] !== 1) return { because: `axis ${axis} of ${showShape(x)} has size ${x[at]}, expected 1.` };
    return x.toSpliced(at, 1);
  },
  view: (x, shape) => reshapeView(x, shape),
  pullback: (g, [x]) => [g.reshape(x.shape)],
  batch: ([x], { size, shape }) => x.reshape([size, ...shape]),
  samples: [{ shapes: shapes([2, 1, 3]), options: 1 }, { shapes: shapes([1, 2, 1]) }],
  refusals: [{ shapes: shapes([2, 3]), options: 0, message: /axis 0 of \[2, 3\] has size 2, expected 1/ }],
});

/** All axes from `from` on as one; a batch of images keeps its batch with `flatten(x, 1)`. */
export const flatten: OperationFunction<[x: Tensor], [from?: number], "same"> = define({
  name: "flatten",
  inputs: ["x"],
  kind: "same",
  shape: ([x], from = 0) => {
    const at = from === x.length ? from : resolveAxis("flatten", from, Math.max(1, x.length));
    return [...x.slice(0, at), sizeOf(x.slice(at))];
  },
  view: (x, shape) => reshapeView(x, shape),
  pullback: (g, [x]) => [g.reshape(x.shape)],
  batch: ([x], { size, shape }) => x.reshape([size, ...shape]),
  samples: [{ shapes: shapes([2, 3, 2]), options: 1 }, { shapes: shapes([2, 3]) }, { shapes: shapes([]) }],
  refusals: [{ shapes: shapes([2]), options: 2, message: /axis 2 of a tensor with 1 axis/ }],
});

/** The order of elements reversed along axes. */
export const flip: OperationFunction<[x: Tensor], [axis: number | readonly number[]], "same"> = define({
  name: "flip",
  inputs: ["x"],
  kind: "same",
  shape: ([x], axis) => {
    resolveAxes("flip", axis, x.length);
    return x;
  },
  view: (x, _, axis) => {
    const axes = resolveAxes("flip", axis, x.shape.length);
    const strides = x.strides.map((stride, a) => (axes.includes(a) ? -stride : stride));
    const offset = axes.reduce((at, a) => at + Math.max(0, x.shape[a]! - 1) * x.strides[a]!, x.offset);
    return { buffer: x.buffer, shape: x.shape, strides, offset };
  },
  pullback: (g, _x, _y, axis) => [g.flip(axis)],
  batch: ([x], _, axis) => x.flip(resolveAxes("flip", axis, x.rank - 1).map((a) => a + 1)),
  samples: [
    { shapes: shapes([2, 3]), options: 1 },
    { shapes: shapes([2, 3, 2]), options: [0, 2] },
  ],
  refusals: [{ shapes: shapes([2]), options: [1], message: /axis 1 of a tensor with 1 axis/ }],
});

/** One axis as several; one of their sizes may be −1 and is worked out. */
export const unflatten: OperationFunction<
  [x: Tensor],
  [options: { readonly axis: number; readonly sizes: Shape }],
  "same"
> = define({
  name: "unflatten",
  inputs: ["x"],
  kind: "same",
  shape: ([x], { axis, sizes }) => {
    const at = resolveAxis("unflatten", axis, x.length);
    const parts = workOut([x[at]!], sizes);
    return "because" in parts ? parts : x.toSpliced(at, 1, ...parts);
  },
  view: (x, shape) => reshapeView(x, shape),
  pullback: (g, [x]) => [g.reshape(x.shape)],
  batch: ([x], { size, shape }) => x.reshape([size, ...shape]),
  samples: [{ shapes: shapes([2, 6]), options: { axis: 1, sizes: [3, -1] } }],
  refusals: [{ shapes: shapes([2, 6]), options: { axis: 1, sizes: [4, -1] }, message: /\[6\] has 6 elements/ }],
});

/** Two axes change places. */
export const swapAxes: OperationFunction<[x: Tensor], [axes: readonly [number, number]], "same"> = define({
  name: "swapAxes",
  inputs: ["x"],
  kind: "same",
  shape: ([x], axes) => swapped(x, axes).map((axis) => x[axis]!),
  compose: ([x], axes) => x.transpose(swapped(x.shape, axes)),
  samples: [{ shapes: shapes([2, 3, 4]), options: [0, -1] }],
  refusals: [{ shapes: shapes([2, 3]), options: [0, 2], message: /axis 2 of a tensor with 2 axes/ }],
});

function swapped(x: Shape, [a, b]: readonly [number, number]): number[] {
  const [i, j] = [resolveAxis("swapAxes", a, x.length), resolveAxis("swapAxes", b, x.length)];
  return x.map((_, axis) => (axis === i ? j : axis === j ? i : axis));
}

/** One axis goes to another place; the others keep their order. */
export const moveAxis: OperationFunction<
  [x: Tensor],
  [options: { readonly from: number; readonly to: number }],
  "same"
> = define({
  name: "moveAxis",
  inputs: ["x"],
  kind: "same",
  shape: ([x], options) => moved(x, options).map((axis) => x[axis]!),
  compose: ([x], options) => x.transpose(moved(x.shape, options)),
  samples: [
    { shapes: shapes([2, 3, 4]), options: { from: 0, to: -1 } },
    { shapes: shapes([2, 3, 4]), options: { from: 2, to: 0 } },
  ],
  refusals: [{ shapes: shapes([2, 3]), options: { from: 2, to: 0 }, message: /axis 2 of a tensor with 2 axes/ }],
});

function moved(x: Shape, { from, to }: { readonly from: number; readonly to: number }): number[] {
  const [i, j] = [resolveAxis("moveAxis", from, x.length), resolveAxis("moveAxis", to, x.length)];
  const others = x.map((_, axis) => axis).filter((axis) => axis !== i);
  return others.toSpliced(j, 0, i);
}
