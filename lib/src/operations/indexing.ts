import type { Shape } from "../device/device.ts";
import { tensorOf } from "../tensor/create.ts";
import { resolveAxis, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { checked } from "./indices.ts";
import { shapes } from "./record.ts";

/** Slices of `x` along an axis (the first, if not said) at int32 `indices` of any shape, which takes the axis's place. */
export const take: OperationFunction<[x: Tensor, indices: Tensor<"int32">], [axis?: number], "same"> = define({
  name: "take",
  inputs: ["x", "indices"],
  kind: "same",
  shape: ([x, indices], axis = 0) => {
    const at = resolveAxis("take", axis, x.length);
    return [...x.slice(0, at), ...indices, ...x.slice(at + 1)];
  },
  forward: ([x, indices], device, _shape, axis = 0) => {
    const at = resolveAxis("take", axis, x.shape.length);
    return device.gather(x, checked("take", indices, x.shape[at]!, device), at);
  },
  pullback: (g, [x, indices], _, axis = 0) => {
    const at = resolveAxis("take", axis, x.rank);
    const updates = g.reshape([...x.shape.slice(0, at), indices.size, ...x.shape.slice(at + 1)]);
    return [updates.scatterAdd(indices.cast("int32").reshape([indices.size]), { axis: at, size: x.shape[at]! }), null];
  },
  batch: ([x, indices], { batched, size }, axis = 0) => {
    const [each, places] = batched as [boolean, boolean];
    const rank = x.rank - (each ? 1 : 0);
    const at = resolveAxis("take", axis, rank);
    if (!places) return x.take(indices as Tensor<"int32">, at + 1);
    if (!each) return x.take(indices as Tensor<"int32">, at).moveAxis({ from: at, to: 0 });
    // All examples' slices one after another, and each example's indices counted from its own first.
    const rows = x.moveAxis({ from: at + 1, to: 1 });
    const n = x.shape[at + 1]!;
    const taken = rows
      .reshape([size * n, ...rows.shape.slice(2)])
      .take(indices.add(starts(size, n, indices)).cast("int32"));
    return moveAxes(taken, 1, indices.rank - 1, at + 1);
  },
  samples: [
    { shapes: shapes([4, 3], [5]), indices: { 1: [0, 3, 3, 1, 0] } },
    { shapes: shapes([2, 4], [2, 2]), indices: { 1: [1, 1, 0, 3] }, options: 1 },
  ],
  refusals: [{ shapes: shapes([4, 3], [2]), options: 2, message: /axis 2 of a tensor with 2 axes/ }],
});

/** The place of each example's first element where all lie one after another, to be added to its indices. */
function starts(examples: number, size: number, indices: Tensor): Tensor<"int32"> {
  return tensorOf(
    Int32Array.from({ length: examples }, (_, i) => i * size),
    "int32",
    [examples, ...indices.shape.slice(1).map(() => 1)],
    indices.device,
  );
}

/** `count` axes from `from` on go to where `to` is, in their order. */
function moveAxes(x: Tensor, from: number, count: number, to: number): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  const moved = axes.splice(from, count);
  return x.transpose(axes.toSpliced(to, 0, ...moved));
}

/** Zeros of length `size` along an axis, to which slice i of the updates is added at `indices[i]`: the adjoint of `take`. */
export const scatterAdd: OperationFunction<
  [updates: Tensor, indices: Tensor<"int32">],
  [options: { readonly axis: number; readonly size: number }],
  "same"
> = define({
  name: "scatterAdd",
  inputs: ["updates", "indices"],
  kind: "same",
  shape: ([updates, indices], { axis, size }) => {
    const at = resolveAxis("scatterAdd", axis, updates.length);
    if (indices.length !== 1 || indices[0] !== updates[at]) {
      return {
        because: `${showShape(updates)} with indices ${showShape(indices)}: expected ${updates[at]} indices in one axis.`,
      };
    }
    return updates.with(at, size);
  },
  forward: ([updates, indices], device, shape, { axis }) => {
    const at = resolveAxis("scatterAdd", axis, shape.length);
    return device.scatterAdd(checked("scatterAdd", indices, shape[at]!, device), updates, at, shape);
  },
  pullback: (g, [, indices], _, { axis }) => [g.take(indices as Tensor<"int32">, axis), null],
  batch: ([updates, indices], { batched, size: count }, { axis, size }) => {
    const [each, places] = batched as [boolean, boolean];
    const all = each ? updates : updates.expandDims(0).broadcastTo([count, ...updates.shape]);
    const at = resolveAxis("scatterAdd", axis, all.rank - 1);
    if (!places) return all.scatterAdd(indices as Tensor<"int32">, { axis: at + 1, size });
    const rows = all.moveAxis({ from: at + 1, to: 1 });
    const n = all.shape[at + 1]!;
    const flat = rows.reshape([count * n, ...rows.shape.slice(2)]);
    const to = indices
      .add(starts(count, size, indices))
      .reshape([count * n])
      .cast("int32");
    const sums = flat.scatterAdd(to, { axis: 0, size: count * size });
    return sums.reshape([count, size, ...rows.shape.slice(2)]).moveAxis({ from: 1, to: at + 1 });
  },
  samples: [
    { shapes: shapes([4, 2], [4]), indices: { 1: [0, 2, 2, 1] }, options: { axis: 0, size: 3 } },
    { shapes: shapes([2, 3], [3]), indices: { 1: [4, 0, 4] }, options: { axis: 1, size: 5 } },
  ],
  refusals: [{ shapes: shapes([4, 2], [3]), options: { axis: 0, size: 5 }, message: /expected 4 indices in one axis/ }],
});

/**
 * Sums of the rows of `x [n, …]` that belong together: int32 `indices [n]` say to which of `count` segments each belongs
 * → `[count, …]`, zeros where there is none. For bags of words and the neighbours in a graph.
 */
export const segmentSum: OperationFunction<[x: Tensor, indices: Tensor<"int32">], [count: number], "same"> = define({
  name: "segmentSum",
  inputs: ["x", "indices"],
  kind: "same",
  shape: ([x, indices], count) => {
    if (x.length === 0 || indices.length !== 1 || indices[0] !== x[0])
      return {
        because: `${showShape(x)} with segments ${showShape(indices)}: expected one segment for each of ${x[0] ?? 0} rows.`,
      };
    if (!Number.isInteger(count) || count < 0)
      return { because: `count is ${count}, expected a whole number of segments.` };
    return x.with(0, count);
  },
  compose: ([x, indices], count) => x.scatterAdd(indices as Tensor<"int32">, { axis: 0, size: count }),
  samples: [{ shapes: shapes([4, 2], [4]), indices: { 1: [0, 2, 2, 0] }, options: 4 }],
  refusals: [{ shapes: shapes([4, 2], [3]), options: 2, message: /expected one segment for each of 4 rows/ }],
});

/** A range of places along an axis, as in Python: from `start` up to, but not including, `stop`, every `step`-th. */
export interface SliceOptions {
  readonly axis: number;
  /** Negative numbers count from the end; places beyond it are left out. */
  readonly start?: number;
  readonly stop?: number;
  /** 1, if not said; negative for backwards. */
  readonly step?: number;
}

/** Part of one axis: from `start` up to, but not including, `stop`; negative numbers count from the end. */
export const slice: OperationFunction<[x: Tensor], [options: SliceOptions], "same"> = define({
  name: "slice",
  inputs: ["x"],
  kind: "same",
  shape: ([x], options) => {
    const { step = 1 } = options;
    if (!Number.isInteger(step) || step === 0)
      return { because: `the step is ${step}, expected a whole number other than 0.` };
    for (const name of ["start", "stop"] as const) {
      const place = options[name];
      if (place !== undefined && !Number.isInteger(place))
        return { because: `${name} is ${place}, expected a whole number.` };
    }
    const { axis, length } = bounds(x, options);
    return x.with(axis, length);
  },
  view: (x, shape, options) => {
    const { axis, start, step } = bounds(x.shape, options);
    return {
      buffer: x.buffer,
      shape,
      strides: x.strides.with(axis, x.strides[axis]! * step),
      offset: shape[axis] === 0 ? x.offset : x.offset + start * x.strides[axis]!,
    };
  },
  pullback: (g, [x], _, options) => {
    const { axis, start, step, length } = bounds(x.shape, options);
    const none = x.shape.map(() => 0);
    if (step === 1)
      return [g.pad({ before: none.with(axis, start), after: none.with(axis, x.shape[axis]! - start - length) })];
    const places = Int32Array.from({ length }, (_, i) => start + i * step);
    return [g.scatterAdd(tensorOf(places, "int32", [length], g.device), { axis, size: x.shape[axis]! })];
  },
  batch: ([x], _, options) => x.slice({ ...options, axis: resolveAxis("slice", options.axis, x.rank - 1) + 1 }),
  samples: [
    { shapes: shapes([4, 3]), options: { axis: 0, start: 1, stop: 3 } },
    { shapes: shapes([2, 5]), options: { axis: 1, start: -3 } },
    { shapes: shapes([7, 2]), options: { axis: 0, start: 1, step: 3 } },
    { shapes: shapes([2, 6]), options: { axis: 1, start: 4, stop: 0, step: -2 } },
    { shapes: shapes([3]), options: { axis: 0, step: -1 } },
  ],
  refusals: [
    { shapes: shapes([4]), options: { axis: 0, step: 0 }, message: /the step is 0, expected a whole number other/ },
  ],
});

/** The first place, the step and how many there are. */
function bounds(x: Shape, { axis: given, start, stop, step = 1 }: SliceOptions) {
  const axis = resolveAxis("slice", given, x.length);
  const n = x[axis]!;
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const place = (at: number) => Math.min(high, Math.max(low, at < 0 ? at + n : at));
  const from = start === undefined ? (step > 0 ? 0 : n - 1) : place(start);
  const to = stop === undefined ? (step > 0 ? n : -1) : place(stop);
  const length = Math.max(0, Math.ceil((to - from) / step));
  // An empty range lies inside, too.
  return { axis, start: length === 0 ? Math.min(Math.max(from, 0), n) : from, step, length };
}
