import { valuesOf } from "../../../../src/device/cpu/buffer.ts";
import type { View } from "../../../../src/device/device.ts";
import { roundings, sizes } from "../bounds.ts";
import type { Planned } from "../calls.ts";
import type { Random } from "../random.ts";
import { shape, size, view } from "../views.ts";

type Given = { readonly a: View; readonly b: View };

/** A product of matrices, or of batches of them. */
export function matmul(random: Random): Planned<Given> {
  const batch = random.chance(0.6) ? [] : shape(random, random.within(1, 2), 12, 6);
  const most = batch.length > 0 ? 24 : random.chance(0.5) ? 67 : 20;
  let [m, k, n] = [size(random, most), size(random, most), size(random, most)];
  if (batch.length === 0 && random.chance(0.03))
    [m, k, n] = random.pick([
      [1, 300, 130],
      [130, 2, 200],
      [3, 700, 17],
    ]) as [number, number, number];
  const dtype = random.pick(["float32", "float32", "float32", "float32", "float64", "int32"] as const);
  const kind = random.pick(["tame", "tame", "special", "wild"] as const);
  const lies = { dtype, kind };
  const given = { a: view(random, [...batch, m, k], lies), b: view(random, [...batch, k, n], lies) };
  return {
    given,
    large: m * k * n > 30_000 && random.chance(0.8),
    run: (device, { a, b }) => [valuesOf(device.matmul(a, b))],
    bounds:
      dtype !== "float32"
        ? "exact"
        : kind === "wild"
          ? "unknown"
          : (reference) => [roundings(valuesOf(reference.matmul(sizes(given.a), sizes(given.b))), k)],
  };
}
