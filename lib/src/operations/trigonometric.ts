import { type Binary, binary, type Unary, unary } from "./elementwise.ts";

/** Sine, of radians. */
export const sin: Unary = unary({ name: "sin", map: "sin", pullback: (g, [x]) => [g.mul(x.cos())] });
/** Cosine, of radians. */
export const cos: Unary = unary({ name: "cos", map: "cos", pullback: (g, [x]) => [g.mul(x.sin()).neg()] });
/** Tangent, of radians. */
export const tan: Unary = unary({
  name: "tan",
  map: "tan",
  range: [-1, 1],
  pullback: (g, _, y) => [g.mul(y.square().add(1))],
});
/** Inverse sine, in radians. */
export const asin: Unary = unary({
  name: "asin",
  map: "asin",
  range: [-0.8, 0.8],
  pullback: (g, [x]) => [g.div(x.square().neg().add(1).sqrt())],
});
/** Inverse cosine, in radians. */
export const acos: Unary = unary({
  name: "acos",
  map: "acos",
  range: [-0.8, 0.8],
  pullback: (g, [x]) => [g.div(x.square().neg().add(1).sqrt()).neg()],
});
/** Inverse tangent, in radians. */
export const atan: Unary = unary({ name: "atan", map: "atan", pullback: (g, [x]) => [g.div(x.square().add(1))] });
/** Hyperbolic sine. In float32 within 2.4 units in the last place. */
export const sinh: Unary = unary({ name: "sinh", map: "sinh", pullback: (g, [x]) => [g.mul(x.cosh())] });
/** Hyperbolic cosine. In float32 within 1.6 units in the last place. */
export const cosh: Unary = unary({ name: "cosh", map: "cosh", pullback: (g, [x]) => [g.mul(x.sinh())] });

/** The angle of the point (x, y), in radians between −π and π; shapes broadcast. */
export const atan2: Binary<"float"> = binary({
  name: "atan2",
  map: "atan2",
  kind: "float",
  range: [0.3, 2],
  pullback: (g, [y, x]) => {
    const scaled = g.div(x.square().add(y.square()));
    return [() => scaled.mul(x).sumTo(y.shape), () => scaled.mul(y).neg().sumTo(x.shape)];
  },
});
