import type { Scalar } from "../../../device.ts";
import { type Code, f32x4, v128 } from "../assembler/code.ts";
import { approximations } from "./approximations.ts";
import type { Vector, Vectors } from "./vectors.ts";

type Write = (v: Vectors, a: Vector, b: Vector, c: Vector) => Code<"v128">;

const zero = f32x4.const(0);
const truth = (a: Vector) => f32x4.notEqual(a, zero);

/** Functions from float32 to float32. */
export const numeric: { readonly [S in Scalar]?: Write } = {
  ...approximations,
  neg: (_, a) => f32x4.neg(a),
  abs: (_, a) => f32x4.abs(a),
  sign: (v, a) => v128.select(f32x4.less(zero, f32x4.abs(a)), v.signed(f32x4.const(1), a), a),
  floor: (_, a) => f32x4.floor(a),
  ceil: (_, a) => f32x4.ceil(a),
  round: (_, a) => f32x4.nearest(a),
  trunc: (_, a) => f32x4.trunc(a),
  sqrt: (_, a) => f32x4.sqrt(a),
  relu: (_, a) => f32x4.max(a, zero),
  add: (_, a, b) => f32x4.add(a, b),
  sub: (_, a, b) => f32x4.sub(a, b),
  mul: (_, a, b) => f32x4.mul(a, b),
  div: (_, a, b) => f32x4.div(a, b),
  minimum: (_, a, b) => f32x4.min(a, b),
  maximum: (_, a, b) => f32x4.max(a, b),
};

/** Functions from float32 to a mask, which is how a bool is kept: all bits of a lane set, or none. */
export const tests: { readonly [S in Scalar]?: Write } = {
  isNaN: (_, a) => f32x4.notEqual(a, a),
  isFinite: (_, a) => f32x4.less(f32x4.abs(a), f32x4.const(Number.POSITIVE_INFINITY)),
  less: (_, a, b) => f32x4.less(a, b),
  lessEqual: (_, a, b) => f32x4.lessEqual(a, b),
  equal: (_, a, b) => f32x4.equal(a, b),
  not: (_, a) => f32x4.equal(a, zero),
  and: (_, a, b) => v128.and(truth(a), truth(b)),
  or: (_, a, b) => v128.or(truth(a), truth(b)),
  cast: (_, a) => truth(a),
};

/** Functions from masks to a mask. */
export const logic: { readonly [S in Scalar]?: Write } = {
  not: (_, a) => v128.not(a),
  and: (_, a, b) => v128.and(a, b),
  or: (_, a, b) => v128.or(a, b),
  equal: (_, a, b) => v128.not(v128.xor(a, b)),
  cast: (_, a) => a,
};

/** Functions slow enough in JavaScript that copying to the kernels' memory and back pays. */
export const costly: ReadonlySet<Scalar> = new Set(Object.keys(approximations) as (keyof typeof approximations)[]);

/** Functions that JavaScript does with a branch, which values of random sign mispredict every second time. */
export const branching: ReadonlySet<Scalar> = new Set<Scalar>(["relu", "where", "minimum", "maximum", "sign"]);
