import { valuesOf } from "../../../../src/device/cpu/buffer.ts";
import type { Factorisation, Triangle, View } from "../../../../src/device/device.ts";
import type { Planned } from "../calls.ts";
import type { Random } from "../random.ts";
import { view } from "../views.ts";

type Factored = { readonly by: Factorisation; readonly x: View };

export function factor(random: Random): Planned<Factored> {
  const by = random.pick(["cholesky", "determinant", "eigh", "qr", "svd"] as const);
  const [m, n] = [random.below(8), random.below(8)];
  const batch = random.chance(0.5) ? [] : [random.below(3)];
  const isSquare = by === "cholesky" || by === "determinant" || by === "eigh";
  return {
    given: { by, x: view(random, [...batch, m, isSquare ? m : n], lies(random)) },
    run: (device, { by, x }) => [valuesOf(device.factor!(by, x))],
    bounds: "exact",
  };
}

type Solved = { readonly a: View; readonly b: View; readonly triangle: Triangle | null };

export function solve(random: Random): Planned<Solved> {
  const batch = random.chance(0.5) ? [] : [random.below(3)];
  const n = random.below(8);
  const of = lies(random);
  return {
    given: {
      a: view(random, [...batch, n, n], of),
      b: view(random, [...batch, n, random.below(5)], of),
      triangle: random.chance(0.5) ? null : { lower: random.chance(0.5), unit: random.chance(0.5) },
    },
    run: (device, { a, b, triangle }) => [valuesOf(device.solve!(a, b, triangle))],
    bounds: "exact",
  };
}

const lies = (random: Random) => ({
  dtype: random.pick(["float32", "float64"] as const),
  kind: random.pick(["tame", "tame", "special", "wild"] as const),
});
