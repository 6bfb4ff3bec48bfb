import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Binary, broadcast, type Unary, unary, unbroadcast } from "./elementwise.ts";
import { shapes } from "./record.ts";

/** e to the power x. In float32 within 1.1 units in the last place. */
export const exp: Unary = unary({ name: "exp", map: "exp", pullback: (g, _, y) => [g.mul(y)] });
/** eˣ − 1, accurate near zero: in float32 within 1.7 units in the last place. */
export const expm1: Unary = unary({ name: "expm1", map: "expm1", pullback: (g, _, y) => [g.mul(y.add(1))] });
/** Natural logarithm. In float32 within 0.9 units in the last place. */
export const log: Unary = unary({ name: "log", map: "log", range: [0.2, 3], pullback: (g, [x]) => [g.div(x)] });
/** ln(1 + x), accurate near zero: in float32 within 0.9 units in the last place. */
export const log1p: Unary = unary({
  name: "log1p",
  map: "log1p",
  range: [-0.7, 2],
  pullback: (g, [x]) => [g.div(x.add(1))],
});
/** Square root. */
export const sqrt: Unary = unary({
  name: "sqrt",
  map: "sqrt",
  range: [0.2, 3],
  pullback: (g, _, y) => [g.div(y.mul(2))],
});

/** Logarithm to base 2. In float32 within 1.9 units in the last place. */
export const log2: Unary = unary({
  name: "log2",
  map: "log2",
  range: [0.2, 3],
  pullback: (g, [x]) => [g.div(x.mul(Math.LN2))],
});

/** One divided by the square root. */
export const rsqrt: OperationFunction<[x: Tensor]> = define({
  name: "rsqrt",
  inputs: ["x"],
  shape: ([x]) => x,
  compose: ([x]) => x.sqrt().reciprocal(),
  pullback: (g, [x], y) => [g.mul(y).div(x).mul(-0.5)],
  samples: [{ shapes: shapes([3, 4]), range: [0.2, 3] }],
});

/** ln(eˣ + eʸ), without overflow; shapes broadcast. */
export const logAddExp: Binary<"float"> = define({
  name: "logAddExp",
  inputs: ["x", "y"],
  kind: "float",
  shape: ([x, y]) => broadcast(x, y),
  compose: ([x, y]) => {
    // Two equal infinities have no difference; their sum is that infinity.
    const apart = x.equal(y).where(0, x.sub(y)).abs();
    return x.maximum(y).add(apart.neg().exp().log1p());
  },
  pullback: (g, [x, y]) => {
    const share = x.equal(y).where(0, x.sub(y)).sigmoid();
    return [unbroadcast(g.mul(share), x), unbroadcast(g.mul(share.neg().add(1)), y)];
  },
  samples: [{ shapes: shapes([3, 4], [4]) }, { shapes: shapes([2, 1], [3]) }],
  refusals: [{ shapes: shapes([2, 3], [3, 3]), message: /axis −2 is 2 against 3/ }],
});
