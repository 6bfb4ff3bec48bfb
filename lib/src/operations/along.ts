import type { Shape } from "../device/device.ts";
import { tensorOf } from "../tensor/create.ts";
import { resolveAxis, showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { contiguousStrides } from "../tensor/view.ts";
import { define, type OperationFunction } from "./define.ts";
import { checkedIndices } from "./indices.ts";
import { type Misfit, shapes } from "./record.ts";

/**
 * For every int32 index the element of `x` at that place along an axis (the last, if not said) and at the index's own
 * place along the others: what `argsort` and `argmax` (with its axis kept) point at. Shape of `indices`.
 */
export const takeAlongAxis: OperationFunction<[x: Tensor, indices: Tensor<"int32">], [axis?: number], "same"> = define({
  name: "takeAlongAxis",
  inputs: ["x", "indices"],
  kind: "same",
  shape: ([x, indices], axis = -1) => alongShape(x, indices, resolveAxis("takeAlongAxis", axis, x.length)),
  compose: ([x, indices], axis = -1) => {
    const at = resolveAxis("takeAlongAxis", axis, x.rank);
    checkedIndices("takeAlongAxis", indices, x.shape[at]!);
    return x.reshape([x.size]).take(places(x.shape, indices, at));
  },
  samples: [
    { shapes: shapes([3, 4], [3, 2]), indices: { 1: [0, 3, 2, 2, 1, 0] } },
    { shapes: shapes([3, 2], [5, 2]), indices: { 1: [0, 2, 1, 1, 0, 0, 2, 2, 1, 0] }, options: 0 },
  ],
  refusals: [
    { shapes: shapes([3, 4], [2, 4]), message: /\[3, 4\] with indices \[2, 4\]: expected \[3, any\]/ },
    { shapes: shapes([3, 4], [4]), message: /expected \[3, any\]/ },
  ],
});

function alongShape(x: Shape, indices: Shape, axis: number): Shape | Misfit {
  if (indices.length === x.length && indices.every((n, i) => i === axis || n === x[i])) return indices;
  const expected = x.map((n, i) => (i === axis ? "any" : n)).join(", ");
  return { because: `${showShape(x)} with indices ${showShape(indices)}: expected [${expected}].` };
}

/** Where in the flattened `x` the indices along `axis` point. */
function places(x: Shape, indices: Tensor, axis: number): Tensor<"int32"> {
  const strides = contiguousStrides(x);
  const along = indices.mul(strides[axis]!);
  return x
    .reduce<Tensor>((sum, n, i) => {
      if (i === axis || n === 1) return sum;
      const starts = Int32Array.from({ length: n }, (_, k) => k * strides[i]!);
      return sum.add(
        tensorOf(
          starts,
          "int32",
          x.map((_, k) => (k === i ? n : 1)),
          indices.device,
        ),
      );
    }, along)
    .cast("int32");
}

/** One element per row: `x[i…, indices[i…]]` along the last axis; `indices` has the other axes of `x`. */
export const pick: OperationFunction<[x: Tensor, indices: Tensor<"int32">], [], "same"> = define({
  name: "pick",
  inputs: ["x", "indices"],
  kind: "same",
  shape: ([x, indices]) => {
    const rows = x.slice(0, -1);
    if (x.length > 0 && showShape(rows) === showShape(indices)) return rows;
    return {
      because: `${showShape(x)} with indices ${showShape(indices)}: expected one index for each row, ${showShape(rows)}.`,
    };
  },
  compose: ([x, indices]) => {
    const width = x.shape.at(-1)!;
    checkedIndices("pick", indices, width);
    const starts = tensorOf(
      Int32Array.from({ length: sizeOf(indices.shape) }, (_, i) => i * width),
      "int32",
      indices.shape,
      x.device,
    );
    return x.reshape([x.size]).take(starts.add(indices).cast("int32"));
  },
  samples: [{ shapes: shapes([3, 4], [3]), indices: { 1: [0, 3, 2] } }],
  refusals: [{ shapes: shapes([3, 4], [4]), message: /expected one index for each row, \[3\]/ }],
});
