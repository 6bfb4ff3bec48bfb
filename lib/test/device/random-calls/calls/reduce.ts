import { valuesOf, wrap } from "../../../../src/device/cpu/buffer.ts";
import type { DType, Reduction, Shape, View } from "../../../../src/device/device.ts";
import { sizes } from "../bounds.ts";
import type { Planned } from "../calls.ts";
import type { Random } from "../random.ts";
import { shape, sizeOf, values, view } from "../views.ts";

type Given = { readonly by: Reduction; readonly x: View; readonly axes: readonly number[]; readonly dtype: DType };

const all = ["sum", "sum", "sum", "max", "max", "min", "prod", "argmax", "argmin"] as const;

/** A fold over some axes, or none, or all. */
export function reduce(random: Random): Planned<Given> {
  const by = random.pick(all);
  const most = random.chance(0.4) ? 9000 : 500;
  const dims = shape(random, random.within(0, 4), most, random.chance(0.2) ? 3000 : 67);
  const axes = dims.map((_, axis) => axis).filter(() => random.chance(0.5));
  const dtype = random.pick(["float32", "float32", "float32", "float64", "int32", "bool"] as const);
  const kind = random.pick(by === "prod" || dtype === "float64" ? (["tame"] as const) : (["tame", "special"] as const));
  return planned({ by, x: view(random, dims, { dtype, kind }), axes, dtype: resultOf(by, dtype) });
}

const resultOf = (by: Reduction, dtype: DType): DType =>
  by.startsWith("arg") || (dtype === "bool" && (by === "sum" || by === "prod")) ? "int32" : dtype;

/** A fold over windows of images, as pooling has it. */
export function pool(random: Random): Planned<Given> {
  const size = random.chance(0.6) ? [2, 2] : [random.within(1, 4), random.within(1, 4)];
  const step = random.chance(0.7) ? size : [random.within(1, 4), random.within(1, 4)];
  const [batch, channels] = [random.within(1, 4), random.within(1, 4)];
  const [height, width] = size.map((n) => n + random.below(19)) as [number, number];
  const windows = windowsOf([batch, channels, height, width], size, step);
  const offset = random.below(4);
  const kind = random.pick(["tame", "special", "special"] as const);
  const floats = values(random, "float32", offset + batch * channels * height * width + random.below(3), kind);
  const by = random.pick(["max", "argmax", "max", "argmax", "min", "argmin", "sum"] as const);
  return planned({
    by,
    x: { ...windows, buffer: wrap(floats, "float32"), offset },
    axes: [4, 5],
    dtype: resultOf(by, "float32"),
  });
}

/** The windows of contiguous images. */
export function windowsOf(
  images: Shape,
  size: readonly number[],
  step: readonly number[],
): Pick<View, "shape" | "strides"> {
  const [batch, channels, height, width] = images as [number, number, number, number];
  const count = (n: number, axis: 0 | 1) => Math.floor((n - size[axis]!) / step[axis]!) + 1;
  return {
    shape: [batch, channels, count(height, 0), count(width, 1), ...size],
    strides: [channels * height * width, height * width, step[0]! * width, step[1]!, width, 1],
  };
}

function planned(given: Given): Planned<Given> {
  const { by, x, axes } = given;
  const elements = sizeOf(axes.map((axis) => x.shape[axis]!));
  const isFloat = x.buffer.dtype.startsWith("float");
  return {
    given,
    run: (device, { by, x, axes, dtype }) => [valuesOf(device.reduce(by, x, axes, dtype))],
    // Sums are taken in double precision, in whatever order, and then rounded.
    bounds:
      by !== "sum" || !isFloat
        ? "exact"
        : (reference) => {
            const sums = valuesOf(reference.reduce("sum", sizes(x), axes, "float64"));
            if (x.buffer.dtype === "float64") return [Float64Array.from(sums, (sum) => elements * 2 ** -52 * sum)];
            const totals = valuesOf(reference.reduce("sum", x, axes, "float64"));
            return [
              Float64Array.from(
                sums,
                (sum, i) => 2 ** -23 * Math.abs(totals[i]!) + elements * 2 ** -52 * sum + 2 ** -149,
              ),
            ];
          },
  };
}
