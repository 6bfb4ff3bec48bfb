import type { DType } from "../device/device.ts";
import { hostArray } from "../device/host.ts";
import { full, tensorOf } from "../tensor/create.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { requireShape, sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * How often each of 0 … size − 1 stands among int32 `indices`, whatever their shape: int32 `[size]`; with `weights` of
 * their shape the sum of these instead.
 */
export function bincount(indices: Tensor<"int32">, size: number): Tensor<"int32">;
export function bincount<D extends DType>(
  indices: Tensor<"int32">,
  size: number,
  options: { readonly weights: Tensor<D> },
): Tensor<D>;
export function bincount(
  indices: Tensor<"int32">,
  size: number,
  { weights = full(indices.shape, 1, { dtype: "int32", device: indices.device }) as Tensor }: { weights?: Tensor } = {},
): Tensor {
  if ((indices.dtype as DType) !== "int32")
    throw new DTypeError("bincount", `indices are ${indices.dtype}, expected int32. Cast them: x.cast("int32").`);
  requireShape("bincount", [size]);
  if (!sameShape(weights.shape, indices.shape)) {
    throw new ShapeError(
      "bincount",
      `weights are ${showShape(weights.shape)}, the indices ${showShape(indices.shape)}; expected the same shape.`,
    );
  }
  const flat = indices.reshape([indices.size]);
  return weights.reshape([indices.size]).scatterAdd(flat, { axis: 0, size });
}

export interface HistogramOptions {
  /** 10, if not said. */
  readonly bins?: number;
  /** Where the first bin begins; the smallest value, if not said. */
  readonly low?: number;
  /** Where the last bin ends, itself included; the largest value, if not said. */
  readonly high?: number;
}

/** How many values lie in each of several equal bins, and the bins' `bins + 1` edges; what lies outside or is NaN does not count. */
export function histogram(
  x: Tensor,
  { bins = 10, low, high }: HistogramOptions = {},
): { readonly counts: Tensor<"int32">; readonly edges: Tensor } {
  if (!Number.isInteger(bins) || bins < 1)
    throw new ArgumentError("histogram", `bins are ${bins}, expected a whole number of 1 or more.`);
  if (low !== undefined && high !== undefined && !(low < high))
    throw new ArgumentError("histogram", `low is ${low} and high ${high}, expected low < high.`);
  if (x.size === 0 && (low === undefined || high === undefined))
    throw new ArgumentError(
      "histogram",
      `${showShape(x.shape)} has no values to take the range from; say low and high.`,
    );
  const values = (x.dtype === "float64" ? x : x.cast("float32")).reshape([x.size]);
  const bound = (given: number | undefined, found: () => Tensor) =>
    given === undefined ? found() : full([], given, { dtype: values.dtype, device: x.device });
  const from = bound(low, () => values.min());
  const found = bound(high, () => values.max());
  // One value alone lies in the middle of a bin of width 1.
  const to = found.equal(from).where(from.add(1), found);
  const width = to.sub(from).div(bins);
  const places = values
    .sub(from)
    .div(width)
    .floor()
    .clamp({ max: bins - 1 });
  const inside = values.greaterEqual(from).and(values.lessEqual(to));
  const counted = inside.where(places as Tensor<"float32">, bins).cast("int32");
  const steps = tensorOf(
    Int32Array.from({ length: bins + 1 }, (_, i) => i),
    "int32",
    [bins + 1],
    x.device,
  );
  return {
    counts: bincount(counted, bins + 1).slice({ axis: 0, stop: bins }),
    edges: from.add(steps.mul(width)),
  };
}

/** The different values in ascending order (NaN last), where each element finds its own among them, and how often each stands. */
export async function unique<D extends DType>(
  x: Tensor<D>,
): Promise<{ readonly values: Tensor<D>; readonly inverse: Tensor<"int32">; readonly counts: Tensor<"int32"> }> {
  const all = await x.data();
  const different = [...new Set(all)].sort((a, b) => (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b));
  const place = new Map(different.map((value, i) => [value, i]));
  const inverse = Int32Array.from(all, (value) => place.get(value)!);
  const counts = new Int32Array(different.length);
  for (const i of inverse) counts[i]!++;
  const values = hostArray(x.dtype, different.length);
  values.set(different);
  return {
    values: tensorOf(values, x.dtype, [different.length], x.device) as Tensor<D>,
    inverse: tensorOf(inverse, "int32", x.shape, x.device),
    counts: tensorOf(counts, "int32", counts.length === 0 ? [0] : [counts.length], x.device),
  };
}

/** Where the elements that are not zero (or false) lie: for each axis their int32 places along it, in row-major order. */
export async function nonzero(x: Tensor): Promise<Tensor<"int32">[]> {
  const all = await x.data();
  const found: number[] = [];
  for (let i = 0; i < all.length; i++) if (all[i] !== 0) found.push(i);
  return x.shape.map((n, axis) => {
    const step = x.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
    const places = Int32Array.from(found, (i) => Math.floor(i / step) % n);
    return tensorOf(places, "int32", [places.length], x.device);
  });
}
