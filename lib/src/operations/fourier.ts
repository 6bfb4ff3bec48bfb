import type { Shape } from "../device/device.ts";
import { resolveAxis, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { asFloat } from "./folding.ts";
import { concat } from "./joining.ts";
import { type Misfit, shapes } from "./record.ts";
import { conjugate, transform } from "./transforming.ts";

/**
 * Complex numbers are pairs, real and imaginary part, in a last axis of 2. `axis` counts the other axes, and is the last
 * of them if not said.
 */
export interface FourierOptions {
  readonly axis?: number;
}

function pairsMisfit(x: Shape): Misfit | undefined {
  if (x.length >= 2 && x.at(-1) === 2) return undefined;
  return {
    because: `${showShape(x)}: expected complex numbers as pairs in a last axis of 2.`,
    hint: "Of real numbers: x.rfft(), or pairs with 0: stack([x, zerosLike(x)], -1).",
  };
}

function emptyMisfit(name: string, n: number): Misfit | undefined {
  return n > 0 ? undefined : { because: `the axis has no elements, so there is no ${name}.` };
}

/** With the axis next to the pairs, and back. */
function along(x: Tensor, axis: number, f: (moved: Tensor) => Tensor): Tensor {
  const last = x.rank - 2;
  return axis === last ? f(x) : f(x.moveAxis({ from: axis, to: last })).moveAxis({ from: last, to: axis });
}

/** The parts that both directions share. */
function both(name: "fft" | "ifft", inverse: boolean) {
  return {
    name,
    inputs: ["x"],
    shape: ([x]: readonly [Shape], { axis = -1 }: FourierOptions = {}) =>
      pairsMisfit(x) ?? emptyMisfit(name, x[resolveAxis(name, axis, x.length - 1)]!) ?? x,
    compose: ([x]: readonly [Tensor], { axis = -1 }: FourierOptions = {}) =>
      along(asFloat(x), resolveAxis(name, axis, x.rank - 1), (pairs) => transform(pairs, inverse)),
    samples: [
      { shapes: shapes([2, 4, 2]) },
      { shapes: shapes([6, 3, 2]), options: { axis: 0 } },
      { shapes: shapes([35, 2]) },
    ],
    refusals: [{ shapes: shapes([2, 4]), message: /\[2, 4\]: expected complex numbers as pairs in a last axis of 2/ }],
  } as const;
}

/**
 * The discrete Fourier transform, Xₖ = Σⱼ xⱼ e^(−2πi jk/n), of complex numbers as pairs `[…, n, 2]` (Cooley and Tukey
 * 1965), for any n.
 */
export const fft: OperationFunction<[x: Tensor], [options?: FourierOptions]> = define(both("fft", false));

/** The inverse of `fft`: xⱼ = 1/n Σₖ Xₖ e^(2πi jk/n). */
export const ifft: OperationFunction<[x: Tensor], [options?: FourierOptions]> = define(both("ifft", true));

/** The first half, frequencies 0 … ⌊n/2⌋, of the Fourier transform of real numbers, whose other half mirrors it: `[…, n]` → `[…, ⌊n/2⌋ + 1, 2]`. */
export const rfft: OperationFunction<[x: Tensor], [options?: FourierOptions]> = define({
  name: "rfft",
  inputs: ["x"],
  shape: ([x], { axis = -1 } = {}) => {
    const at = resolveAxis("rfft", axis, x.length);
    return emptyMisfit("rfft", x[at]!) ?? [...x.with(at, Math.floor(x[at]! / 2) + 1), 2];
  },
  compose: ([given], { axis = -1 } = {}) => {
    const x = asFloat(given);
    const at = resolveAxis("rfft", axis, x.rank);
    const none = x.shape.map(() => 0);
    const pairs = x.expandDims(-1).pad({ before: [...none, 0], after: [...none, 1] });
    const half = { axis: at, stop: Math.floor(x.shape[at]! / 2) + 1 };
    return along(pairs, at, (moved) => transform(moved, false)).slice(half);
  },
  samples: [{ shapes: shapes([2, 6]) }, { shapes: shapes([5, 2]), options: { axis: 0 } }],
  refusals: [{ shapes: shapes([0]), message: /the axis has no elements/ }],
});

/** The real numbers whose `rfft` it is: `[…, ⌊length/2⌋ + 1, 2]` → `[…, length]`; the length is even, if not said. */
export const irfft: OperationFunction<[x: Tensor], [options?: FourierOptions & { readonly length?: number }]> = define({
  name: "irfft",
  inputs: ["x"],
  shape: ([x], { axis = -1, length } = {}) => {
    const odd = pairsMisfit(x);
    if (odd !== undefined) return odd;
    const at = resolveAxis("irfft", axis, x.length - 1);
    const n = length ?? 2 * (x[at]! - 1);
    if (!Number.isInteger(n) || n < 1 || x[at] !== Math.floor(n / 2) + 1)
      return {
        because: `${x[at]} frequencies for a length of ${n}, expected ${Math.max(0, Math.floor(n / 2)) + 1}.`,
        hint: `An odd length has to be said: { length: ${2 * x[at]! - 1} }.`,
      };
    return x.slice(0, -1).with(at, n);
  },
  compose: ([given], { axis = -1, length } = {}) => {
    const x = asFloat(given);
    const at = resolveAxis("irfft", axis, x.rank - 1);
    const n = length ?? 2 * (x.shape[at]! - 1);
    return along(x, at, (half) => {
      // What the imaginary parts of frequency 0, and of n/2, hold has no meaning: the result's real part drops it.
      const mirrored = half.slice({ axis: -2, start: 1, stop: Math.ceil(n / 2) }).flip(-2);
      return transform(concat([half, conjugate(mirrored)], -2), true);
    })
      .slice({ axis: -1, stop: 1 })
      .squeeze(-1);
  },
  samples: [
    { shapes: shapes([2, 4, 2]) },
    { shapes: shapes([3, 2, 2]), options: { axis: 0, length: 5 } },
    { shapes: shapes([1, 2]), options: { length: 1 } },
  ],
  refusals: [
    { shapes: shapes([4, 2]), options: { length: 9 }, message: /4 frequencies for a length of 9, expected 5/ },
    { shapes: shapes([4, 3]), message: /expected complex numbers as pairs/ },
  ],
});
