import { add, div, mul, neg, square, sub } from "./arithmetic.ts";
import { type Binary, binary, type Unary, unary } from "./elementwise.ts";
import { sqrt } from "./exponential.ts";
import { sumTo } from "./reduction.ts";

/** Sine, of radians. */
export const sin: Unary = unary({ name: "sin", map: "sin", pullback: (g, [x]) => [mul(g, cos(x))] });
/** Cosine, of radians. */
export const cos: Unary = unary({ name: "cos", map: "cos", pullback: (g, [x]) => [neg(mul(g, sin(x)))] });
/** Tangent, of radians. */
export const tan: Unary = unary({
  name: "tan",
  map: "tan",
  range: [-1, 1],
  pullback: (g, _, y) => [mul(g, add(square(y), 1))],
});
/** Inverse sine, in radians. */
export const asin: Unary = unary({
  name: "asin",
  map: "asin",
  range: [-0.8, 0.8],
  pullback: (g, [x]) => [div(g, sqrt(sub(1, square(x))))],
});
/** Inverse cosine, in radians. */
export const acos: Unary = unary({
  name: "acos",
  map: "acos",
  range: [-0.8, 0.8],
  pullback: (g, [x]) => [neg(div(g, sqrt(sub(1, square(x)))))],
});
/** Inverse tangent, in radians. */
export const atan: Unary = unary({ name: "atan", map: "atan", pullback: (g, [x]) => [div(g, add(square(x), 1))] });
/** Hyperbolic sine. */
export const sinh: Unary = unary({ name: "sinh", map: "sinh", pullback: (g, [x]) => [mul(g, cosh(x))] });
/** Hyperbolic cosine. */
export const cosh: Unary = unary({ name: "cosh", map: "cosh", pullback: (g, [x]) => [mul(g, sinh(x))] });

/** The angle of the point (x, y), in radians between −π and π; shapes broadcast. */
export const atan2: Binary<"float"> = binary({
  name: "atan2",
  map: "atan2",
  kind: "float",
  range: [0.3, 2],
  pullback: (g, [y, x]) => {
    const scaled = div(g, add(square(x), square(y)));
    return [() => sumTo(mul(scaled, x), y.shape), () => sumTo(neg(mul(scaled, y)), x.shape)];
  },
});
