import type { DType, Expression, Scalar } from "../../device.ts";
import { erf, erfc, erfInv, lgamma, polygamma } from "./special.ts";

/** The meaning of every scalar function in double precision; comparisons give 0 or 1. */
export const scalars: Readonly<Record<Scalar, (a: number, b: number, c: number) => number>> = {
  neg: (a) => -a,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  ceil: Math.ceil,
  // Half to even, as IEEE 754 and numpy.
  round: (a) => {
    const r = Math.round(a);
    return r - a === 0.5 && r % 2 !== 0 ? r - 1 : r;
  },
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  log2: Math.log2,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  relu: (a) => Math.max(a, 0),
  erf,
  erfc,
  erfInv,
  lgamma,
  isNaN: (a) => (Number.isNaN(a) ? 1 : 0),
  isFinite: (a) => (Number.isFinite(a) ? 1 : 0),
  not: (a) => (a === 0 ? 1 : 0),
  cast: (a) => a,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  // The sign of the divisor, as numpy and Python.
  remainder: (a, b) => {
    const r = a % b;
    return r !== 0 && r < 0 !== b < 0 ? r + b : r;
  },
  minimum: (a, b) => Math.min(a, b),
  maximum: (a, b) => Math.max(a, b),
  atan2: Math.atan2,
  polygamma,
  less: (a, b) => (a < b ? 1 : 0),
  lessEqual: (a, b) => (a <= b ? 1 : 0),
  equal: (a, b) => (a === b ? 1 : 0),
  and: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
  or: (a, b) => (a !== 0 || b !== 0 ? 1 : 0),
  where: (a, b, c) => (a !== 0 ? b : c),
};

/** Rounds a number to a dtype: single precision, 32 bits with wrap-around, or truth. */
export function roundTo(value: number, dtype: DType): number {
  if (dtype === "float32") return Math.fround(value);
  if (dtype === "float64") return value;
  if (dtype === "int32") return Math.trunc(value) | 0;
  return value !== 0 ? 1 : 0;
}

/** The value of an expression for one element. */
export function evaluate(expression: Expression, inputs: readonly number[]): number {
  switch (expression.kind) {
    case "input":
      return roundTo(inputs[expression.index]!, expression.dtype);
    case "constant":
      return roundTo(expression.value, expression.dtype);
    case "apply": {
      const [a, b, c] = expression.to.map((node) => evaluate(node, inputs));
      if (expression.scalar === "mul" && expression.dtype === "int32") return Math.imul(a!, b!);
      return roundTo(scalars[expression.scalar](a!, b!, c!), expression.dtype);
    }
  }
}
