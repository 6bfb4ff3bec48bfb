import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Binary, binary, type Unary, unary, unbroadcast } from "./elementwise.ts";
import { shapes } from "./record.ts";

/** Sum, element by element; shapes broadcast. */
export const add: Binary = binary({
  name: "add",
  map: "add",
  pullback: (g, [x, y]) => [unbroadcast(g, x), unbroadcast(g, y)],
});

/** Difference, element by element; shapes broadcast. */
export const sub: Binary = binary({
  name: "sub",
  map: "sub",
  pullback: (g, [x, y]) => [unbroadcast(g, x), unbroadcast(g.neg(), y)],
});

/** Product, element by element; shapes broadcast. */
export const mul: Binary = binary({
  name: "mul",
  map: "mul",
  pullback: (g, [x, y]) => [unbroadcast(g.mul(y), x), unbroadcast(g.mul(x), y)],
});

/** Quotient, element by element; shapes broadcast. Integers give float32. */
export const div: Binary<"float"> = binary({
  name: "div",
  map: "div",
  kind: "float",
  range: [0.5, 2],
  pullback: (g, [x, y], quotient) => [unbroadcast(g.div(y), x), unbroadcast(g.mul(quotient).div(y).neg(), y)],
});

/** `x` to the power `y`, element by element; shapes broadcast. */
export const pow: Binary<"float"> = binary({
  name: "pow",
  map: "pow",
  kind: "float",
  range: [0.3, 2],
  pullback: (g, [x, y], power) => [
    // Where the exponent is 0 the derivative is 0, also at x = 0; raised to 1 instead, nothing infinite arises.
    unbroadcast(g.mul(y).mul(x.pow(y.equal(0).where(1, y).sub(1))), x),
    // The exponent of a base of 0 has no say.
    unbroadcast(g.mul(power).mul(x.equal(0).where(1, x).log()), y),
  ],
});

/** Remainder with the sign of the divisor, as in numpy and Python. */
export const remainder: Binary = binary({
  name: "remainder",
  map: "remainder",
  range: [1.1, 1.9],
  pullback: (g, [x, y], r) => [unbroadcast(g, x), unbroadcast(g.mul(r.sub(x)).div(y), y)],
});

/** The smaller of two, element by element; NaN if either is. */
export const minimum: Binary = binary({
  name: "minimum",
  map: "minimum",
  pullback: (g, [x, y]) => [unbroadcast(x.less(y).where(g, 0), x), unbroadcast(x.less(y).where(0, g), y)],
});

/** The larger of two, element by element; NaN if either is. */
export const maximum: Binary = binary({
  name: "maximum",
  map: "maximum",
  pullback: (g, [x, y]) => [unbroadcast(y.less(x).where(g, 0), x), unbroadcast(y.less(x).where(0, g), y)],
});

/** The negative. */
export const neg: Unary<"same"> = unary({ name: "neg", map: "neg", kind: "same", pullback: (g) => [g.neg()] });

/** The absolute value; its derivative at 0 is 0. */
export const abs: Unary<"same"> = unary({
  name: "abs",
  map: "abs",
  kind: "same",
  pullback: (g, [x]) => [g.mul(x.sign())],
});

/** −1, 0 or 1. */
export const sign: Unary<"same"> = unary({ name: "sign", map: "sign", kind: "same", pullback: null });

/** The square. */
export const square: OperationFunction<[x: Tensor], [], "same"> = define({
  name: "square",
  inputs: ["x"],
  kind: "same",
  shape: ([x]) => x,
  compose: ([x]) => x.mul(x),
  samples: [{ shapes: shapes([3, 4]) }],
});

/** One divided by it. */
export const reciprocal: OperationFunction<[x: Tensor]> = define({
  name: "reciprocal",
  inputs: ["x"],
  shape: ([x]) => x,
  compose: ([x]) => div(1, x),
  samples: [{ shapes: shapes([3, 4]), range: [0.5, 2] }],
});
