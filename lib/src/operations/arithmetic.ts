import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Binary, binary, broadcast, type Unary, unary, unbroadcast } from "./elementwise.ts";
import { promote } from "./promote.ts";
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

/** Powers that a few products or a quotient give, some thirty times sooner. */
const short: ReadonlyMap<number, (x: Tensor) => Tensor> = new Map([
  [1, (x) => x.mul(1)],
  [2, (x) => x.mul(x)],
  [3, (x) => x.mul(x).mul(x)],
  [-1, (x) => x.reciprocal()],
]);

const numberOf = ({ state }: Tensor) => (state.kind === "constant" ? state.value : undefined);

/**
 * `x` to the power `y`, element by element; shapes broadcast. Where `y` is the number 2, 3 or −1, products and quotients
 * give it: in float32 within 1.5 units in the last place.
 */
export const pow: Binary<"float"> = binary({
  name: "pow",
  map: "pow",
  kind: "float",
  range: [0.3, 2],
  sooner: ([x, y]) => short.get(numberOf(y) ?? 0)?.(x),
  pullback: (g, [x, y], power) => {
    // Where the exponent is 0 the derivative is 0, also at x = 0; raised to 1 instead, nothing infinite arises.
    const exponent = numberOf(y);
    if (exponent !== undefined) return [unbroadcast(g.mul(y).mul(x.pow((exponent || 1) - 1)), x), null];
    return [
      unbroadcast(g.mul(y).mul(x.pow(y.equal(0).where(1, y).sub(1))), x),
      // The exponent of a base of 0 has no say.
      unbroadcast(g.mul(power).mul(x.equal(0).where(1, x).log()), y),
    ];
  },
});

/** Remainder with the sign of the divisor, as in numpy and Python. */
export const remainder: Binary = binary({
  name: "remainder",
  map: "remainder",
  range: [1.1, 1.9],
  pullback: (g, [x, y], r) => [unbroadcast(g, x), unbroadcast(g.mul(r.sub(x).div(y)), y)],
});

/** The quotient of integers rounded towards zero; by 0 it is 0. */
const quotient: Binary = define({
  name: "quotient",
  inputs: ["x", "y"],
  kind: "meet",
  shape: ([x, y]) => broadcast(x, y),
  map: "div",
  pullback: null,
  samples: [],
});

/** The quotient rounded down: with `remainder`, x = y · floorDiv + remainder. An integer over 0 gives 0. */
export const floorDiv: Binary = define({
  name: "floorDiv",
  inputs: ["x", "y"],
  kind: "meet",
  shape: ([x, y]) => broadcast(x, y),
  compose: ([x, y]) => {
    const dtype = promote([x.dtype, y.dtype]);
    if (dtype !== "int32" && dtype !== "bool") return x.sub(x.remainder(y)).div(y).round();
    const [a, b] = [x.cast("int32"), y.cast("int32")];
    const towardsZero = quotient(a, b);
    const rest = a.sub(towardsZero.mul(b));
    // Where division leaves a rest on the other side of zero than the divisor.
    const above = rest.mul(b).less(0);
    return towardsZero.sub(above.cast("int32"));
  },
  pullback: null,
  samples: [
    { shapes: shapes([3, 4], [4]), range: [0.6, 3] },
    { shapes: shapes([2, 1], [3]), range: [0.6, 3] },
  ],
  refusals: [{ shapes: shapes([2, 3], [3, 3]), message: /axis −2 is 2 against 3/ }],
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

/** Values below `min` become `min`, above `max` become `max`; either may be left out. The gradient passes in between. */
export const clamp: OperationFunction<
  [x: Tensor],
  [options: { readonly min?: number; readonly max?: number }],
  "same"
> = define({
  name: "clamp",
  inputs: ["x"],
  kind: "same",
  shape: ([x], { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }) =>
    min <= max ? x : { because: `min ${min} and max ${max}: expected min ≤ max.` },
  compose: ([x], { min, max }) => {
    const above = min === undefined ? x : x.less(min).where(min, x);
    return max === undefined ? above : above.greater(max).where(max, above);
  },
  samples: [
    { shapes: shapes([3, 4]), options: { min: -1.03, max: 0.77 } },
    { shapes: shapes([5]), options: { max: 0 } },
  ],
  refusals: [{ shapes: shapes([2]), options: { min: 2, max: 1 }, message: /min 2 and max 1: expected min ≤ max/ }],
});
