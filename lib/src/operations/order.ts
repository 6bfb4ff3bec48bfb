import { ownBuffer } from "../tensor/ownership.ts";
import { resolveAxis, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { asFloat } from "./folding.ts";
import { type Operation, shapes } from "./record.ts";

export interface SortOptions {
  /** The last, if not said. */
  readonly axis?: number;
  /** Largest first, NaN before all; smallest first and NaN last, if not said. */
  readonly descending?: boolean;
}

const samples = [
  { shapes: shapes([3, 4]) },
  { shapes: shapes([2, 5, 2]), options: { axis: 1, descending: true } },
  { shapes: shapes([1]) },
] as const;

function ordering(name: string) {
  return {
    name,
    inputs: ["x"],
    shape: ([x], { axis = -1 } = {}) => {
      resolveAxis(name, axis, x.length);
      return x;
    },
    samples,
    refusals: [{ shapes: shapes([2, 3]), options: { axis: 2 }, message: /axis 2 of a tensor with 2 axes/ }],
  } satisfies Partial<Operation<[x: Tensor], [options?: SortOptions]>>;
}

/** The int32 places along an axis in the order of the elements there; equals keep their order. */
export const argsort: OperationFunction<[x: Tensor], [options?: SortOptions], "int32"> = define({
  ...ordering("argsort"),
  kind: "int32",
  compose: ([x], { axis = -1, descending = false } = {}) => {
    if (!descending) return ascendingOrder(x, axis);
    // Turned round twice, so that equals keep their order here, too.
    const last = x.shape.at(axis)! - 1;
    return ascendingOrder(x.flip(axis), axis).flip(axis).neg().add(last).cast("int32");
  },
  pullback: null,
});

const ascendingOrder: OperationFunction<[x: Tensor], [axis: number], "int32"> = define({
  name: "ascendingOrder",
  inputs: ["x"],
  kind: "int32",
  shape: ([x]) => x,
  forward: ([x], device, _shape, axis) => {
    const { values, order } = device.sort(x, resolveAxis("argsort", axis, x.shape.length));
    ownBuffer(device, values);
    return order;
  },
  pullback: null,
  batch: ([x], _, axis) => ascendingOrder(x, resolveAxis("argsort", axis, x.rank - 1) + 1),
  samples: [{ shapes: shapes([3, 4]), options: 0 }],
});

/** The elements along an axis in order; equals keep theirs, and each keeps its gradient. */
export const sort: OperationFunction<[x: Tensor], [options?: SortOptions], "same"> = define({
  ...ordering("sort"),
  kind: "same",
  compose: ([x], options = {}) => x.takeAlongAxis(x.argsort(options), options.axis),
});

export interface TopKOptions {
  readonly axis?: number;
  /** The smallest ones instead. */
  readonly smallest?: boolean;
}

/** The `k` largest elements along an axis (the last, if not said), largest first, and their int32 places. */
export function topK<X extends Tensor>(
  x: X,
  k: number,
  { axis = -1, smallest = false }: TopKOptions = {},
): { readonly values: X; readonly indices: Tensor<"int32"> } {
  const indices = x.argsort({ axis, descending: !smallest });
  const first = chosen(indices, { axis, k });
  return { values: x.takeAlongAxis(first as Tensor<"int32">, axis) as X, indices: first as Tensor<"int32"> };
}

/** @internal The first k along an axis. */
const chosen: OperationFunction<[x: Tensor], [options: { readonly axis: number; readonly k: number }], "same"> = define(
  {
    name: "topK",
    inputs: ["x"],
    kind: "same",
    shape: ([x], { axis, k }) => {
      const at = resolveAxis("topK", axis, x.length);
      if (Number.isInteger(k) && k >= 0 && k <= x[at]!) return x.with(at, k);
      return {
        because: `k is ${k}, expected a whole number of at most ${x[at]}, the size of axis ${axis} of ${showShape(x)}.`,
      };
    },
    compose: ([x], { axis, k }) => x.slice({ axis, stop: k }),
    samples: [{ shapes: shapes([2, 4]), options: { axis: -1, k: 3 } }],
    refusals: [
      { shapes: shapes([2, 4]), options: { axis: -1, k: 5 }, message: /k is 5, expected a whole number of at most 4/ },
    ],
  },
);

export interface QuantileOptions {
  /** All elements together, if not said. */
  readonly axis?: number;
  readonly keepDims?: boolean;
}

/** The value below which a share `q` (0 … 1) of the elements lies, between two of them in proportion; NaN if one is NaN. */
export const quantile: OperationFunction<[x: Tensor], [options: QuantileOptions & { readonly q: number }]> = define({
  name: "quantile",
  inputs: ["x"],
  shape: ([x], { q, axis, keepDims = false }) => {
    const at = axis === undefined ? undefined : resolveAxis("quantile", axis, x.length);
    if (!(q >= 0 && q <= 1)) return { because: `q is ${q}, expected 0 … 1.` };
    if (at === undefined ? x.some((n) => n === 0) : x[at] === 0)
      return { because: `${showShape(x)} has no elements, so there is no quantile.` };
    if (at === undefined) return keepDims ? x.map(() => 1) : [];
    return keepDims ? x.with(at, 1) : x.toSpliced(at, 1);
  },
  compose: ([given], { q, axis, keepDims = false }) => {
    const all = axis === undefined;
    const x = all ? asFloat(given).reshape([given.size]) : asFloat(given);
    const at = all ? 0 : resolveAxis("quantile", axis, x.rank);
    const last = x.shape[at]! - 1;
    const sorted = x.sort({ axis: at });
    const place = (i: number) => sorted.slice({ axis: at, start: i, stop: i + 1 });
    const low = place(Math.floor(q * last));
    const between = low.add(
      place(Math.ceil(q * last))
        .sub(low)
        .mul(q * last - Math.floor(q * last)),
    );
    // NaN comes last in the order; then there is no share of anything.
    const greatest = place(last);
    const y = greatest.isNaN().where(greatest, between);
    if (all) return y.reshape(keepDims ? given.shape.map(() => 1) : []);
    return keepDims ? y : y.squeeze(at);
  },
  samples: [
    { shapes: shapes([3, 4]), options: { q: 0.3 } },
    { shapes: shapes([2, 5]), options: { q: 0.9, axis: 1, keepDims: true } },
  ],
  refusals: [
    { shapes: shapes([4]), options: { q: 2 }, message: /q is 2, expected 0 … 1/ },
    { shapes: shapes([0]), options: { q: 0.5 }, message: /\[0\] has no elements/ },
  ],
});

/** The middle value in order; of an even number the mean of the middle two, as in numpy. */
export const median: OperationFunction<[x: Tensor], [options?: QuantileOptions]> = define({
  name: "median",
  inputs: ["x"],
  shape: ([x], options = {}) => quantile.operation.shape([x], { ...options, q: 0.5 }),
  compose: ([x], options = {}) => x.quantile({ ...options, q: 0.5 }),
  samples: [{ shapes: shapes([3, 4]) }, { shapes: shapes([2, 5]), options: { axis: 0 } }],
  refusals: [{ shapes: shapes([0]), message: /\[0\] has no elements/ }],
});
