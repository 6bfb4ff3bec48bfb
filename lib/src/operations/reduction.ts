import type { Shape } from "../device/device.ts";
import { tensorOf } from "../tensor/create.ts";
import { broadcastShapes, resolveAxes, resolveAxis, sameShape, showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import {
  asFloat,
  beside,
  foldedShape,
  folding,
  foldNonEmpty,
  outside,
  type ReductionOptions,
  samples,
  sharedByEquals,
} from "./folding.ts";
import { later } from "./later.ts";
import { type Operation, shapes } from "./record.ts";

export type { ReductionOptions } from "./folding.ts";

/** The sum over axes; of truth values, how many are true. */
export const sum: OperationFunction<[x: Tensor], [options?: ReductionOptions], "total"> = define({
  ...folding("sum", "sum"),
  kind: "total",
  pullback: (g, [x], _, options) => [beside("sum", g, x, options).broadcastTo(x.shape)],
  samples: [...samples, { shapes: shapes([0, 3]), options: { axis: 0 } }],
  refusals: [outside],
});

/** The product over axes. */
export const prod: OperationFunction<[x: Tensor], [options?: ReductionOptions], "total"> = define({
  ...folding("prod", "prod"),
  kind: "total",
  pullback: (g, [x], _, options) => [beside("prod", g, x, options).mul(productOfOthers(x, options))],
  samples: samples.map((sample) => ({ ...sample, range: [0.5, 1.5] as const })),
  refusals: [outside],
});

/** Beyond so many factors their products are not multiplied anew for each. */
const fewFactors = 1024;

/** For every element the product of the others, right also where some are zero. */
function productOfOthers(x: Tensor, options: ReductionOptions | undefined): Tensor {
  const axes = resolveAxes("prod", options?.axis, x.rank);
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const n = sizeOf(axes.map((axis) => x.shape[axis]!));
  const rows = x.transpose(order).reshape([...kept.map((axis) => x.shape[axis]!), n]);
  const others = n > fewFactors ? ofMany(rows) : ofFew(rows, n);
  return others.reshape(order.map((axis) => x.shape[axis]!)).transpose(order.map((_, axis) => order.indexOf(axis)));
}

/** Each row once for each of its elements, with a one in its place: no product in between leaves float32. */
function ofFew(rows: Tensor, n: number): Tensor {
  const own = tensorOf(
    Uint8Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
    "bool",
    [n, n],
    rows.device,
  );
  return own.where(1, rows.expandDims(-2)).prod({ axis: -1 });
}

/** The whole divided by each element, or, in rows with a zero, what is before it times what is after it. */
function ofMany(rows: Tensor): Tensor {
  const isZero = rows.equal(0);
  const quotients = rows.prod({ axis: -1, keepDims: true }).div(isZero.where(1, rows));
  const before = (x: Tensor) => later(x.cumprod(-1), -1, x.rank - 1, 1);
  const around = before(rows).mul(before(rows.flip(-1)).flip(-1));
  return isZero.any({ axis: -1, keepDims: true }).where(around, quotients);
}

/** The largest element over axes; the gradient is shared among equals. */
export const max: OperationFunction<[x: Tensor], [options?: ReductionOptions], "same"> = define({
  ...folding("max", "max"),
  shape: ([x], options) => foldNonEmpty("max", x, options),
  kind: "same",
  pullback: (g, [x], y, options) => [sharedByEquals("max", g, x, y, options)],
  samples,
  refusals: [outside, { shapes: shapes([0, 3]), options: { axis: 0 }, message: /has no elements/ }],
});

/** The smallest element over axes; the gradient is shared among equals. */
export const min: OperationFunction<[x: Tensor], [options?: ReductionOptions], "same"> = define({
  ...folding("min", "min"),
  shape: ([x], options) => foldNonEmpty("min", x, options),
  kind: "same",
  pullback: (g, [x], y, options) => [sharedByEquals("min", g, x, y, options)],
  samples,
  refusals: [outside],
});

/** Position of the largest element along an axis (the last, if not said); the first of equals. */
export const argmax: OperationFunction<[x: Tensor], [axis?: number], "int32"> = define({
  ...arg("argmax"),
  kind: "int32",
  pullback: null,
  samples: [{ shapes: shapes([3, 4]) }, { shapes: shapes([2, 3, 4]), options: 1 }],
  refusals: [
    { shapes: shapes([2, 0]), message: /\[2, 0\] has no elements along axis -1/ },
    { shapes: shapes([2]), options: 1, message: /axis 1 of a tensor with 1 axis/ },
  ],
});

/** Position of the smallest element along an axis (the last, if not said); the first of equals. */
export const argmin: OperationFunction<[x: Tensor], [axis?: number], "int32"> = define({
  ...arg("argmin"),
  kind: "int32",
  pullback: null,
  samples: [{ shapes: shapes([3, 4]) }, { shapes: shapes([2, 3, 4]), options: 1 }],
  refusals: [
    { shapes: shapes([2, 0]), message: /\[2, 0\] has no elements along axis -1/ },
    { shapes: shapes([2]), options: 1, message: /axis 1 of a tensor with 1 axis/ },
  ],
});

function arg(name: "argmax" | "argmin") {
  return {
    name,
    inputs: ["x"],
    shape: ([x], axis = -1) => {
      const at = resolveAxis(name, axis, x.length);
      return x[at] === 0
        ? { because: `${showShape(x)} has no elements along axis ${axis}, so there is no ${name}.` }
        : x.toSpliced(at, 1);
    },
    forward: ([x], device, _shape, axis = -1, dtype) =>
      device.reduce(name, x, [resolveAxis(name, axis, x.shape.length)], dtype),
    batch: ([x], _, axis = -1) => x[name](resolveAxis(name, axis, x.rank - 1) + 1),
  } satisfies Partial<Operation<[x: Tensor], [axis?: number]>>;
}

/** The mean over axes. */
export const mean: OperationFunction<[x: Tensor], [options?: ReductionOptions]> = define({
  name: "mean",
  inputs: ["x"],
  shape: ([x], options) => foldedShape("mean", x, options),
  compose: ([x], options) => {
    const total = asFloat(x).sum(options);
    return total.div(sizeOf(x.shape) / sizeOf(total.shape));
  },
  samples,
  refusals: [outside],
});

/** Degrees of freedom taken off the count: 0 for the variance of these values, 1 to estimate that of where they come from. */
export interface SpreadOptions extends ReductionOptions {
  readonly correction?: number;
}

/** The variance over axes (of these values: the count is not corrected, if not said). */
export const variance: OperationFunction<[x: Tensor], [options?: SpreadOptions]> = define({
  name: "variance",
  inputs: ["x"],
  shape: ([x], options) => foldedShape("variance", x, options),
  compose: ([x], options = {}) => {
    const total = x
      .sub(x.mean({ ...options, keepDims: true }))
      .square()
      .sum(options);
    return total.div(sizeOf(x.shape) / sizeOf(total.shape) - (options.correction ?? 0));
  },
  samples: [{ shapes: shapes([3, 4]) }, { shapes: shapes([2, 3, 4]), options: { axis: 1, correction: 1 } }],
  refusals: [outside],
});

/** The standard deviation over axes. */
export const std: OperationFunction<[x: Tensor], [options?: SpreadOptions]> = define({
  name: "std",
  inputs: ["x"],
  shape: ([x], options) => foldedShape("std", x, options),
  compose: ([x], options) => x.variance(options).sqrt(),
  samples: [{ shapes: shapes([3, 4]), options: { axis: 1 } }],
  refusals: [outside],
});

/** Adds up the axes along which `shape` would broadcast: the adjoint of `broadcastTo`. */
export const sumTo: OperationFunction<[x: Tensor], [shape: Shape], "same"> = define({
  name: "sumTo",
  inputs: ["x"],
  kind: "same",
  shape: ([x], shape) => {
    const result = broadcastShapes(shape, x);
    if ("shape" in result && sameShape(result.shape, x)) return shape;
    return { because: `${showShape(shape)} does not broadcast to ${showShape(x)}, so there is nothing to undo.` };
  },
  compose: ([x], shape) => {
    if (sameShape(x.shape, shape)) return x;
    const lead = x.rank - shape.length;
    const axis = x.shape.flatMap((n, i) => (i < lead || (shape[i - lead] === 1 && n !== 1) ? [i] : []));
    return x.sum({ axis }).reshape(shape);
  },
  samples: [
    { shapes: shapes([3, 4]), options: [3, 1] },
    { shapes: shapes([2, 3, 4]), options: [3, 4] },
    { shapes: shapes([2, 2]), options: [] },
  ],
  refusals: [{ shapes: shapes([4]), options: [3], message: /\[3\] does not broadcast to \[4\]/ }],
});
