import type { Buffer, Device, DType, Reduction, Shape, View } from "../device/device.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { expressionOf } from "../tensor/lazy.ts";
import { resolveAxes, showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { contiguousView, reshapeView } from "../tensor/view.ts";
import { type Misfit, type Operation, shapes } from "./record.ts";

/** Which axes to fold (all, if not said), and whether to keep them with size 1. */
export interface ReductionOptions {
  readonly axis?: number | readonly number[];
  readonly keepDims?: boolean;
}

export function foldedShape(name: string, x: Shape, options: ReductionOptions = {}): number[] {
  if (typeof options !== "object")
    throw new ArgumentError(
      name,
      `the options are ${String(options)}, expected an object: { axis: ${String(options)} }.`,
    );
  const { axis, keepDims = false } = options;
  const axes = resolveAxes(name, axis, x.length);
  return x.flatMap((n, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [n]));
}

/** A cotangent or result of a reduction, laid out beside `x` again. */
export function beside(name: string, y: Tensor, x: Tensor, options: ReductionOptions = {}): Tensor {
  return y.reshape(foldedShape(name, x.shape, { ...options, keepDims: true }));
}

export const samples = [
  { shapes: shapes([3, 4]) },
  { shapes: shapes([2, 3, 4]), options: { axis: 1 } },
  { shapes: shapes([2, 3, 4]), options: { axis: [0, -1], keepDims: true } },
  { shapes: shapes([]) },
] as const;

/** An axis that is not there. */
export const outside = {
  shapes: shapes([2, 3]),
  options: { axis: 2 },
  message: /axis 2 of a tensor with 2 axes: axes are -2 … 1/,
} as const;

type Fold = Operation<[x: Tensor], [options?: ReductionOptions]>;

/** The parts that all reductions share. */
export function folding(name: string, by: Reduction) {
  return {
    name,
    inputs: ["x"],
    shape: ([x], options) => foldedShape(name, x, options),
    forward: ([x], device, _shape, options, dtype) =>
      reduceInTurn(by, x, resolveAxes(name, options?.axis, x.shape.length), dtype, device),
    fused: ([x], device, options) =>
      // What is kept beside its fold is mostly needed itself.
      (by === "sum" || by === "max") && options?.keepDims !== true
        ? foldPending(by, x, resolveAxes(name, options?.axis, x.rank), device)
        : undefined,
    batch: ([x], _, options) => {
      const axis = resolveAxes(name, options?.axis, x.rank - 1).map((a) => a + 1);
      return x[by as "sum"]({ ...options, axis });
    },
  } satisfies Partial<Fold>;
}

/** Elements that lie side by side, from which it pays to fold them first, and from which they are folded in pieces. */
const leastTogether = 32;
const leastInPieces = 1 << 17;

/** How many pieces of equal size, at most 65,536 elements each, so many are folded in: pieces may be done at the same time. */
function piecesOf(n: number): number {
  if (n < leastInPieces) return 1;
  for (let pieces = Math.ceil(n / 65_536); pieces <= n / 4096; pieces++) if (n % pieces === 0) return pieces;
  return 1;
}

/**
 * Folds axes in turn: many elements that lie side by side in pieces, and where other axes lie between them, first the last
 * ones, as the gradient of a bias is summed over images and their pixels. What is folded first is rounded to the dtype
 * before it is folded further.
 */
function reduceInTurn(by: Reduction, x: View, axes: readonly number[], dtype: DType, device: Device): Buffer {
  let together = x.shape.length;
  let size = 1;
  while (axes.includes(together - 1) && (x.strides[together - 1] === size || x.shape[together - 1] === 1)) {
    together--;
    size *= x.shape[together]!;
  }
  if (!(by === "sum" || by === "max")) return device.reduce(by, x, axes, dtype);
  const rest = axes.filter((axis) => axis < together);
  const kept = x.shape.slice(0, together);
  const pieces = piecesOf(size);
  if (rest.length === 0 && pieces > 1) {
    const each = size / pieces;
    const split = { ...x, shape: [...kept, pieces, each], strides: [...x.strides.slice(0, together), each, 1] };
    return refold(by, device.reduce(by, split, [together + 1], dtype), [...kept, pieces], [together], device);
  }
  const apart = rest.length > 0 && !axes.includes(together - 1);
  if (!apart || size < leastTogether || sizeOf(x.shape) < leastPending) return device.reduce(by, x, axes, dtype);
  return refold(by, device.reduce(by, x, axes.slice(rest.length), dtype), kept, rest, device);
}

/** Folds what has been folded over some axes over others, and lets go of it. */
function refold(by: "sum" | "max", first: Buffer, shape: Shape, axes: readonly number[], device: Device): Buffer {
  const second = device.reduce(by, contiguousView(first, shape), axes, first.dtype);
  device.free(first);
  return second;
}

/** Elements below which values are computed and folded one after the other as fast. */
const leastPending = 4096;

/** Folds the last axes of an elementwise result that nobody has needed yet, without making room for it. */
function foldPending(by: "sum" | "max", x: Tensor, axes: readonly number[], device: Device): Buffer | undefined {
  const { state } = x;
  // What others ask for too, now or on the way back, is better computed once.
  if (state.kind !== "pending" || x.uses > 0 || x.marks !== null || state.folded || x.dtype !== "float32")
    return undefined;
  const kept = x.rank - axes.length;
  if (device.rows === undefined || x.size < leastPending || axes.some((axis) => axis < kept)) return undefined;
  state.folded = true;
  const { expression, inputs } = expressionOf(x);
  const size = sizeOf(x.shape.slice(kept));
  const pieces = piecesOf(size);
  const outer = [...x.shape.slice(0, kept), ...(pieces > 1 ? [pieces] : [])];
  const shape = [...outer, size / pieces];
  const views = inputs.map((view) => reshapeView(view, shape));
  if (views.includes(null)) return undefined;
  const folded = { kind: "input", index: inputs.length, dtype: "float32" } as const;
  const program = { folds: [{ by, of: expression }], elements: [], rows: [folded] };
  const first = device.rows(program, views as View[], shape)?.rows[0];
  return first === undefined || pieces === 1 ? first : refold(by, first, outer, [kept], device);
}

export function foldNonEmpty(name: string, x: Shape, options: ReductionOptions | undefined): Shape | Misfit {
  const axes = resolveAxes(name, options?.axis, x.length);
  if (axes.some((axis) => x[axis] === 0))
    return { because: `${showShape(x)} has no elements along the axis, so there is no ${name}.` };
  return foldedShape(name, x, options);
}

export function sharedByEquals(
  name: string,
  g: Tensor,
  x: Tensor,
  y: Tensor,
  options: ReductionOptions | undefined,
): Tensor {
  const hit = x.equal(beside(name, y, x, options)).cast(y.dtype);
  const hits = hit.sum({ ...options, keepDims: true });
  return hit.mul(beside(name, g, x, options).div(hits));
}

/** Integers are averaged in floating point, where their total does not overflow. */
export function asFloat(x: Tensor): Tensor {
  return x.dtype === "float32" || x.dtype === "float64" ? x : x.cast("float32");
}
