import { type Unary, unary } from "./elementwise.ts";

/** e to the power x. */
export const exp: Unary = unary({ name: "exp", map: "exp", pullback: (g, _, y) => [g.mul(y)] });
/** eˣ − 1, accurate near zero. */
export const expm1: Unary = unary({ name: "expm1", map: "expm1", pullback: (g, _, y) => [g.mul(y.add(1))] });
/** Natural logarithm. */
export const log: Unary = unary({ name: "log", map: "log", range: [0.2, 3], pullback: (g, [x]) => [g.div(x)] });
/** ln(1 + x), accurate near zero. */
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
