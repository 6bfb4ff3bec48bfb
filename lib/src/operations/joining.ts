import type { Shape, View } from "../device/device.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { resolveAxis, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { apply, operations } from "./define.ts";
import { type AnyOperation, type Misfit, type Operation, shapes } from "./record.ts";

type Parts = readonly Tensor[];

const record: Operation<Parts, [axis?: number]> = {
  name: "concat",
  inputs: [],
  kind: "same",
  shape: (parts, axis = 0): Shape | Misfit => {
    const first = parts[0]!;
    const at = resolveAxis("concat", axis, first.length);
    const odd = parts.find((part) => part.length !== first.length || part.some((n, i) => i !== at && n !== first[i]));
    if (odd !== undefined)
      return { because: `${showShape(first)} and ${showShape(odd)} differ in more than axis ${axis}.` };
    return first.with(
      at,
      parts.reduce((sum, part) => sum + part[at]!, 0),
    );
  },
  forward: (parts, device, shape, axis = 0) => {
    const at = resolveAxis("concat", axis, shape.length);
    const origin = shape.map(() => 0);
    const starts = startsOf(
      parts.map((part) => part.shape),
      at,
    );
    return device.pad(
      parts.map((view: View, i) => ({ view, at: origin.with(at, starts[i]!) })),
      shape,
      0,
    );
  },
  pullback: (g, parts, _, axis = 0) => {
    const at = resolveAxis("concat", axis, g.rank);
    const starts = startsOf(
      parts.map((part) => part.shape),
      at,
    );
    return parts.map((part, i) => () => g.slice({ axis: at, start: starts[i]!, stop: starts[i]! + part.shape[at]! }));
  },
  batch: (parts, { batched, size, shape }, axis = 0) => {
    const all = parts.map((part, i) => (batched[i] ? part : part.expandDims(0).broadcastTo([size, ...part.shape])));
    return concat(all, resolveAxis("concat", axis, shape.length) + 1);
  },
  samples: [
    { shapes: shapes([2, 3], [1, 3], [2, 3]) },
    { shapes: shapes([2, 1, 2], [2, 3, 2]), options: 1 },
    { shapes: shapes([2, 0], [2, 2]), options: -1 },
    { shapes: shapes([3]) },
  ],
  refusals: [{ shapes: shapes([2, 3], [2, 4]), message: /\[2, 3\] and \[2, 4\] differ in more than axis 0/ }],
};
operations.set(record.name, record as unknown as AnyOperation);

/** Where each part begins along the axis. */
function startsOf(parts: readonly Shape[], axis: number): number[] {
  let next = 0;
  return parts.map((part) => {
    const start = next;
    next += part[axis]!;
    return start;
  });
}

/** Tensors one after another along an axis (the first, if not said); their other sizes are equal. */
export function concat(parts: readonly Tensor[], axis = 0): Tensor {
  if (parts.length === 0) throw new ArgumentError("concat", "no tensors, expected at least one.");
  return apply(record as unknown as AnyOperation, parts, axis);
}

/** Tensors of one shape side by side along a new axis (the first, if not said). */
export function stack(parts: readonly Tensor[], axis = 0): Tensor {
  return concat(
    parts.map((part) => part.expandDims(axis)),
    axis,
  );
}

/**
 * The tensor cut along an axis (the first, if not said) into pieces of `size`, the last of which may be smaller, or into
 * pieces of the given sizes, which fill the axis.
 */
export function split<X extends Tensor>(x: X, sizes: number | readonly number[], axis = 0): X[] {
  const at = resolveAxis("split", axis, x.rank);
  const n = x.shape[at]!;
  const size = typeof sizes === "number" ? sizes : 1;
  if (!Number.isInteger(size) || size < 1)
    throw new ArgumentError("split", `the size is ${size}, expected a whole number of 1 or more.`);
  const list =
    typeof sizes === "number"
      ? Array.from({ length: Math.ceil(n / size) }, (_, i) => Math.min(size, n - i * size))
      : sizes;
  const total = list.reduce((sum, part) => sum + part, 0);
  if (total !== n || list.some((part) => !Number.isInteger(part) || part < 0)) {
    throw new ShapeError(
      "split",
      `pieces of ${showShape(list)} make ${total}, axis ${axis} of ${showShape(x.shape)} has ${n}.`,
      [x.shape],
    );
  }
  let start = 0;
  return list.map((part) => {
    const piece = x.slice({ axis: at, start, stop: start + part });
    start += part;
    return piece as X;
  });
}

/** The tensor cut along an axis (the first, if not said) into `count` pieces of one size, the last perhaps smaller. */
export function chunk<X extends Tensor>(x: X, count: number, axis = 0): X[] {
  if (!Number.isInteger(count) || count < 1)
    throw new ArgumentError("chunk", `the count is ${count}, expected a whole number of 1 or more.`);
  return split(x, Math.max(1, Math.ceil(x.shape[resolveAxis("chunk", axis, x.rank)]! / count)), axis);
}

/** The slices along an axis (the first, if not said), each without it. */
export function unbind<X extends Tensor>(x: X, axis = 0): X[] {
  const at = resolveAxis("unbind", axis, x.rank);
  return Array.from({ length: x.shape[at]! }, (_, i) => x.slice({ axis: at, start: i, stop: i + 1 }).squeeze(at) as X);
}

/**
 * Coordinates of every point of a grid, from one vector for each axis: as many tensors as vectors, all of the shape of
 * the grid. With "xy" (numpy's default, and ours) the first vector runs along the columns, with "ij" along the rows.
 *
 * @example
 * ```ts
 * import { arange, meshgrid } from "gradbook";
 *
 * const [x, y] = meshgrid([arange(3), arange(2)]);
 * await x.toArray(); // [[0, 1, 2], [0, 1, 2]]
 * await y.toArray(); // [[0, 0, 0], [1, 1, 1]]
 * ```
 */
export function meshgrid<const Vectors extends readonly Tensor[]>(
  vectors: Vectors,
  { indexing = "xy" }: { readonly indexing?: "xy" | "ij" } = {},
): { -readonly [I in keyof Vectors]: Vectors[I] } {
  const odd = vectors.findIndex((vector) => vector.rank !== 1);
  if (odd >= 0) {
    const { shape } = vectors[odd]!;
    throw new ShapeError("meshgrid", `vector ${odd} is ${showShape(shape)}, expected one axis.`, [shape]);
  }
  const axes = vectors.map((_, i) => (indexing === "xy" && i < 2 && vectors.length > 1 ? 1 - i : i));
  const sizes = vectors.map((_, axis) => vectors[axes.indexOf(axis)]!.size);
  const grids = vectors.map((vector, i) =>
    vector.reshape(sizes.map((_, axis) => (axis === axes[i] ? vector.size : 1))).broadcastTo(sizes),
  );
  return grids as { -readonly [I in keyof Vectors]: Vectors[I] };
}
