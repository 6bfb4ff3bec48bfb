import type { Shape } from "../device/device.ts";
import { tensorOf } from "../tensor/create.ts";
import { resolveAxis } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { later } from "./later.ts";
import { type Operation, shapes } from "./record.ts";

type Running = Operation<[x: Tensor], [axis?: number]>;

const samples = [
  { shapes: shapes([3, 4]) },
  { shapes: shapes([2, 5, 2]), options: 1 },
  { shapes: shapes([4, 1]), options: 0 },
  { shapes: shapes([2, 0]) },
] as const;

/** The parts that running sums, products and extremes share. */
function running(name: string, by: "sum" | "prod" | "max" | "min") {
  return {
    name,
    inputs: ["x"],
    shape: ([x], axis = -1) => {
      resolveAxis(name, axis, x.length);
      return x;
    },
    forward: ([x], device, _shape, axis = -1) => device.scan(by, x, resolveAxis(name, axis, x.shape.length)),
    batch: ([x], _, axis = -1) => x[`cum${by}`](resolveAxis(name, axis, x.rank - 1) + 1),
    samples,
    refusals: [{ shapes: shapes([2, 3]), options: 2, message: /axis 2 of a tensor with 2 axes/ }],
  } satisfies Partial<Running>;
}

/** The running sum along an axis (the last, if not said). */
export const cumsum: OperationFunction<[x: Tensor], [axis?: number], "total"> = define({
  ...running("cumsum", "sum"),
  kind: "total",
  pullback: (g, _x, _y, axis = -1) => [g.flip(axis).cumsum(axis).flip(axis)],
});

/** The running product along an axis (the last, if not said). */
export const cumprod: OperationFunction<[x: Tensor], [axis?: number], "total"> = define({
  ...running("cumprod", "prod"),
  kind: "total",
  pullback: (g, [x], y, axis = -1) => {
    const at = resolveAxis("cumprod", axis, x.rank);
    return [later(y, -1, at, 1).mul(productsAfter(g, x, at))];
  },
});

/**
 * Σⱼ gⱼ · xᵢ₊₁ ⋯ xⱼ over j ≥ i, without dividing, so that zeros in `x` do no harm: sᵢ = gᵢ + xᵢ₊₁ sᵢ₊₁, with the
 * distance over which it is summed doubled until it spans the axis (Hillis and Steele 1986).
 */
function productsAfter(g: Tensor, x: Tensor, axis: number): Tensor {
  let sum = g;
  let factor = later(x, 1, axis, 0);
  for (let distance = 1; distance < x.shape[axis]!; distance *= 2) {
    sum = sum.add(factor.mul(later(sum, distance, axis, 0)));
    factor = factor.mul(later(factor, distance, axis, 0));
  }
  return sum;
}

/** The running maximum along an axis (the last, if not said); the gradient goes to the last of equals, as in PyTorch. */
export const cummax: OperationFunction<[x: Tensor], [axis?: number], "same"> = define({
  ...running("cummax", "max"),
  kind: "same",
  pullback: (g, [x], y, axis = -1) => [toExtremes(g, x, y, resolveAxis("cummax", axis, x.rank))],
});

/** The running minimum along an axis (the last, if not said); the gradient goes to the last of equals, as in PyTorch. */
export const cummin: OperationFunction<[x: Tensor], [axis?: number], "same"> = define({
  ...running("cummin", "min"),
  kind: "same",
  pullback: (g, [x], y, axis = -1) => [toExtremes(g, x, y, resolveAxis("cummin", axis, x.rank))],
});

/** Each element gets the cotangents of the stretch in which it is the extreme. */
function toExtremes(g: Tensor, x: Tensor, y: Tensor, axis: number): Tensor {
  const records = x.equal(y);
  // The sum of g from each place to the end; a record's stretch ends where the next record begins.
  const rest = g.flip(axis).cumsum(axis).flip(axis);
  return records.where(rest.sub(nextRecord(rest, records, axis)), 0);
}

/** For each place the sum from the next record on, 0 where there is none. */
function nextRecord(rest: Tensor, records: Tensor, axis: number): Tensor {
  const n = records.shape[axis]!;
  const places = line(records.shape, axis, records);
  // Where the next record is: the smallest place among those after, n where there is none.
  const own = records.where(places, n).cast("int32");
  const after = later(own.flip(axis).cummin(axis).flip(axis), 1, axis, n).cast("int32");
  const none = rest.shape.map(() => 0);
  const ended = rest.pad({ before: none, after: none.with(axis, 1), value: 0 });
  return ended.takeAlongAxis(after, axis);
}

/** 0, 1, 2 … along an axis. */
function line(shape: Shape, axis: number, like: Tensor): Tensor<"int32"> {
  return tensorOf(
    Int32Array.from({ length: shape[axis]! }, (_, i) => i),
    "int32",
    shape.map((n, i) => (i === axis ? n : 1)),
    like.device,
  );
}
