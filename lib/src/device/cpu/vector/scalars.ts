import type { DType, Scalar } from "../../device.ts";
import { approximations } from "./approximations.ts";
import type { Value, VectorCode } from "./code.ts";

/** Writes the code of a scalar function; operands that it does not take are never looked at. */
export type Write = (v: VectorCode, a: Value, b: Value, c: Value) => Value;

const truth = (v: VectorCode, a: Value) => v.binary("notEqual", a, 0);

/** Functions from float32 to float32. */
const numeric: { readonly [S in Scalar]?: Write } = {
  ...approximations,
  neg: (v, a) => v.neg(a),
  abs: (v, a) => v.abs(a),
  sign: (v, a) => v.select(v.less(0, v.abs(a)), v.signed(v.number(1), a), a),
  floor: (v, a) => v.unary("floor", a),
  ceil: (v, a) => v.unary("ceil", a),
  round: (v, a) => v.unary("nearest", a),
  trunc: (v, a) => v.unary("trunc", a),
  sqrt: (v, a) => v.unary("sqrt", a),
  relu: (v, a) => v.binary("max", a, 0),
  add: (v, a, b) => v.add(a, b),
  sub: (v, a, b) => v.sub(a, b),
  mul: (v, a, b) => v.mul(a, b),
  div: (v, a, b) => v.div(a, b),
  minimum: (v, a, b) => v.binary("min", a, b),
  maximum: (v, a, b) => v.binary("max", a, b),
};

/** Functions from float32 to a mask, which is how a bool is kept. */
const tests: { readonly [S in Scalar]?: Write } = {
  isNaN: (v, a) => v.binary("notEqual", a, a),
  isFinite: (v, a) => v.less(v.abs(a), Number.POSITIVE_INFINITY),
  less: (v, a, b) => v.less(a, b),
  lessEqual: (v, a, b) => v.binary("lessEqual", a, b),
  equal: (v, a, b) => v.equal(a, b),
  not: (v, a) => v.equal(a, 0),
  and: (v, a, b) => v.binary("and", truth(v, a), truth(v, b)),
  or: (v, a, b) => v.binary("or", truth(v, a), truth(v, b)),
  cast: truth,
};

/** Functions from masks to a mask. */
const logic: { readonly [S in Scalar]?: Write } = {
  not: (v, a) => v.unary("not", a),
  and: (v, a, b) => v.binary("and", a, b),
  or: (v, a, b) => v.binary("or", a, b),
  equal: (v, a, b) => v.unary("not", v.binary("xor", a, b)),
  cast: (_, a) => a,
};

/** The code for a scalar function by the dtypes of its operands and its result; undefined where there is none. */
export function writerOf(scalar: Scalar, of: readonly DType[], to: DType): Write | undefined {
  const [first, ...others] = of;
  if (scalar === "where") {
    if (others.some((dtype) => dtype !== to)) return undefined;
    return (v, a, b, c) => v.select(first === "bool" ? a : truth(v, a), b, c);
  }
  if (others.some((dtype) => dtype !== first)) return undefined;
  if (scalar === "cast" && to === "float32")
    return first === "bool" ? (v, a) => v.binary("and", a, 1) : first === "float32" ? (_, a) => a : undefined;
  if (to === "bool") return first === "bool" ? logic[scalar] : first === "float32" ? tests[scalar] : undefined;
  return first === "float32" && to === "float32" ? numeric[scalar] : undefined;
}

/** Functions so slow in JavaScript that copying to other memory and back pays. */
export const costly: ReadonlySet<Scalar> = new Set(Object.keys(approximations) as (keyof typeof approximations)[]);

/** Functions that JavaScript does with a branch, which values of random sign mispredict every second time. */
export const branching: ReadonlySet<Scalar> = new Set<Scalar>(["relu", "where", "minimum", "maximum", "sign"]);
