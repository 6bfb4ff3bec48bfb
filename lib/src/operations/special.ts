import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Unary, unary } from "./elementwise.ts";
import { shapes } from "./record.ts";

const slope = 2 / Math.sqrt(Math.PI);

/** The error function 2/√π ∫₀ˣ e^(−t²) dt. In float32 within 2.5 units in the last place. */
export const erf: Unary = unary({
  name: "erf",
  map: "erf",
  pullback: (g, [x]) => [g.mul(x.square().neg().exp()).mul(slope)],
});

/** 1 − erf(x), accurate where it is small: in float32 within 5.5 units in the last place. */
export const erfc: Unary = unary({
  name: "erfc",
  map: "erfc",
  pullback: (g, [x]) => [g.mul(x.square().neg().exp()).mul(-slope)],
});

/** The inverse of `erf`, for −1 … 1; NaN outside. */
export const erfInv: Unary = unary({
  name: "erfInv",
  map: "erfInv",
  range: [-0.9, 0.9],
  pullback: (g, _, y) => [g.mul(y.square().exp()).div(slope)],
});

/** The logarithm of |Γ(x)|: ln((x − 1)!) for whole numbers. */
export const lgamma: Unary = unary({
  name: "lgamma",
  map: "lgamma",
  range: [0.3, 4],
  pullback: (g, [x]) => [g.mul(x.digamma())],
});

/** What is the factorial of much more is no number, and takes ages. */
const MOST_ORDER = 100;

/** Derivative number `order` (0, 1, 2 …) of `digamma`. */
export const polygamma: OperationFunction<[x: Tensor], [order: number]> = define({
  name: "polygamma",
  inputs: ["x"],
  shape: ([x], order) =>
    Number.isInteger(order) && order >= 0 && order <= MOST_ORDER
      ? x
      : { because: `the order is ${order}, expected a whole number from 0 to ${MOST_ORDER}.` },
  forward: ([x], device, shape, order, dtype) =>
    device.map(
      {
        kind: "apply",
        scalar: "polygamma",
        to: [
          { kind: "constant", value: order, dtype },
          { kind: "input", index: 0, dtype },
        ],
        dtype,
      },
      [x],
      shape,
      dtype,
    ),
  pullback: (g, [x], _, order) => [g.mul(x.polygamma(order + 1))],
  batch: ([x], _, order) => x.polygamma(order),
  samples: [
    { shapes: shapes([3, 2]), options: 1, range: [0.5, 3] },
    { shapes: shapes([4]), options: 2, range: [-0.8, -0.2] },
  ],
  refusals: [{ shapes: shapes([2]), options: -1, message: /the order is -1, expected a whole number from 0 to 100/ }],
});

/** The derivative of `lgamma`: Γ′(x) / Γ(x). */
export const digamma: OperationFunction<[x: Tensor]> = define({
  name: "digamma",
  inputs: ["x"],
  shape: ([x]) => x,
  compose: ([x]) => x.polygamma(0),
  samples: [{ shapes: shapes([3, 4]), range: [0.3, 4] }],
});
