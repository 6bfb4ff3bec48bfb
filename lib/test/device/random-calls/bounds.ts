import { valuesOf, wrap } from "../../../src/device/cpu/buffer.ts";
import type { Scalar, View } from "../../../src/device/device.ts";

/** What the docstrings of operations promise of functions that vectors approximate, in units in the last place. */
const units: { readonly [S in Scalar]?: number } = {
  ...{ exp: 1.1, expm1: 1.7, log: 0.9, log1p: 0.9, tanh: 2.6, sigmoid: 2.5, sinh: 2.4, cosh: 1.6 },
  ...{ log2: 1.9, erf: 2.5, erfc: 5.5 },
};

/** From the exact value, and from it rounded: half a unit more. */
export const unitsOf = (scalar: Scalar) => units[scalar]! + 0.5;

/** The distance of a float32 from its neighbour away from zero. */
export function ulp(x: number): number {
  const size = Math.abs(x);
  if (!(size < Number.POSITIVE_INFINITY)) return 0;
  return 2 ** Math.max(-149, Math.floor(Math.log2(Math.max(size, 2 ** -149))) - 23);
}

/** The same view on the sizes of the values, of which no sum cancels. */
export function sizes(view: View): View {
  const values = valuesOf(view.buffer).map((x) => (Number.isFinite(x) ? Math.abs(x) : 0));
  return { ...view, buffer: wrap(Float64Array.from(values), "float64") };
}

/** What rounding may make of so many terms, by the sum of their sizes: of float32 each, or of float64 with one rounding. */
export const roundings = (sums: ArrayLike<number>, terms: number) =>
  Float64Array.from(sums, (sum) => (terms + 2) * (2 ** -24 * sum + 2 ** -149));
