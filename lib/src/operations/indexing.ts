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
  samples: [
    { shapes: shapes([4, 3], [5]), indices: { 1: [0, 3, 3, 1, 0] } },
    { shapes: shapes([2, 4], [2, 2]), indices: { 1: [1, 1, 0, 3] }, options: 1 },
  ],
});

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
  samples: [
    { shapes: shapes([4, 2], [4]), indices: { 1: [0, 2, 2, 1] }, options: { axis: 0, size: 3 } },
    { shapes: shapes([2, 3], [3]), indices: { 1: [4, 0, 4] }, options: { axis: 1, size: 5 } },
  ],
  refusals: [{ shapes: shapes([4, 2], [3]), options: { axis: 0, size: 5 }, message: /expected 4 indices in one axis/ }],
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
