import type { Shape } from "../device/device.ts";
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

/** Part of one axis: from `start` up to, but not including, `stop`; negative numbers count from the end. */
export const slice: OperationFunction<
  [x: Tensor],
  [options: { readonly axis: number; readonly start?: number; readonly stop?: number }],
  "same"
> = define({
  name: "slice",
  inputs: ["x"],
  kind: "same",
  shape: ([x], options) => {
    const { axis, start, stop } = bounds(x, options);
    return x.with(axis, stop - start);
  },
  view: (x, shape, options) => {
    const { axis, start } = bounds(x.shape, options);
    return {
      buffer: x.buffer,
      shape,
      strides: x.strides,
      offset: shape[axis] === 0 ? x.offset : x.offset + start * x.strides[axis]!,
    };
  },
  pullback: (g, [x], _, options) => {
    const { axis, start, stop } = bounds(x.shape, options);
    const none = x.shape.map(() => 0);
    return [g.pad({ before: none.with(axis, start), after: none.with(axis, x.shape[axis]! - stop), value: 0 })];
  },
  samples: [
    { shapes: shapes([4, 3]), options: { axis: 0, start: 1, stop: 3 } },
    { shapes: shapes([2, 5]), options: { axis: 1, start: -3 } },
  ],
});

function bounds(x: Shape, options: { readonly axis: number; readonly start?: number; readonly stop?: number }) {
  const axis = resolveAxis("slice", options.axis, x.length);
  const n = x[axis]!;
  const place = (at: number) => Math.min(n, Math.max(0, at < 0 ? at + n : at));
  const start = place(options.start ?? 0);
  return { axis, start, stop: Math.max(start, place(options.stop ?? n)) };
}
