import { type Code, f32x4, i32x4, v128 } from "../assembler/code.ts";
import type { Vector, Vectors } from "./vectors.ts";

/**
 * Transcendental functions in single precision, within two units in the last place (tanh and sigmoid: three).
 * The polynomials are Chebyshev approximations of the functions named beside them on the reduced interval.
 */
export const approximations = { exp, expm1, log, log1p, tanh, sigmoid, sinh, cosh } as const;

const { add, sub, mul, div } = f32x4;
const number = f32x4.const;
const one = number(1);
const half = number(0.5);
/** log 2 in two parts: multiples of the first, of nine bits, are exact. */
const LOG2 = [0.693359375, -0.000212194440054691] as const;
/** (exp r − 1 − r) / r² for |r| ≤ ½ log 2. */
const EXP = [0.5, 0.16666576846, 0.0416665544377, 0.00836320297158, 0.00139262134663];
/** (log((1 + s) / (1 − s)) / s − 2) / s² in s², for (1 + s) / (1 − s) from √½ to √2. */
const LOG = [0.666666850954, 0.399887577166, 0.2958098593];

/** x = n log 2 + r, with exp r − 1 and the whole number n. */
function reduce(v: Vectors, x: Code<"v128">): { n: Vector; growth: Vector } {
  const n = v.keep(f32x4.nearest(mul(x, number(Math.LOG2E))));
  const near = v.multiplyAdd(n, number(-LOG2[0]), x);
  const r = v.multiplyAdd(n, number(-LOG2[1]), near);
  const growth = v.multiplyAdd(v.keep(mul(r, r)), v.polynomial(r, EXP), r);
  return { n, growth };
}

/** 2 to the power of a vector of 32-bit integers from −126 to 127. */
const powerOfTwo = (exponent: Code<"v128">) => i32x4.shl(i32x4.add(exponent, i32x4.const(127)), 23);

/** A whole number below 2²² as 32-bit integer. */
function toInteger(v: Vectors, n: Vector): Vector {
  const magic = 12582912;
  const bits = new Int32Array(new Float32Array([magic]).buffer)[0]!;
  return v.keep(i32x4.sub(add(n, number(magic)), i32x4.const(bits)));
}

/** exp x · 2^shift. Two factors of two reach the subnormal numbers and infinity with a single rounding. */
function scaledExp(v: Vectors, x: Code<"v128">, shift: number): Vector {
  const bounded = v.keep(f32x4.pmin(f32x4.pmax(x, number(-105)), number(90)));
  const { n, growth } = reduce(v, bounded);
  const exponent = v.keep(i32x4.add(toInteger(v, n), i32x4.const(shift)));
  const first = v.keep(i32x4.shr(exponent, 1));
  const second = i32x4.sub(exponent, first);
  return v.keep(mul(mul(add(one, growth), powerOfTwo(first)), powerOfTwo(second)));
}

export function exp(v: Vectors, x: Vector): Vector {
  return scaledExp(v, x, 0);
}

/** exp x − 1 for x from −80 to 88; a zero loses its sign. */
function growthOf(v: Vectors, x: Code<"v128">): Vector {
  const { n, growth } = reduce(v, x);
  const scale = v.keep(powerOfTwo(toInteger(v, n)));
  return v.multiplyAdd(growth, scale, sub(scale, one));
}

export function expm1(v: Vectors, x: Vector): Vector {
  const bounded = v.keep(f32x4.pmin(f32x4.pmax(x, number(-30)), number(89)));
  const { n, growth } = reduce(v, bounded);
  // 2¹²⁸ is no float, though the result may be: the last doubling is done on the result.
  const most = v.keep(f32x4.pmin(n, number(127)));
  const scale = v.keep(powerOfTwo(toInteger(v, most)));
  const result = v.multiplyAdd(growth, scale, sub(scale, one));
  const doubled = v128.select(f32x4.less(most, n), add(result, result), result);
  return v.signed(doubled, x);
}

export function tanh(v: Vectors, x: Vector): Vector {
  // −(e − 1) / (e + 1) with e = exp −2|x|, which is at most 1; from 10 on the result is 1 in single precision.
  const size = v.keep(f32x4.pmin(f32x4.abs(x), number(10)));
  const growth = growthOf(v, mul(size, number(-2)));
  const quotient = div(f32x4.neg(growth), add(growth, number(2)));
  return v.signed(f32x4.abs(quotient), x);
}

export function sigmoid(v: Vectors, x: Vector): Vector {
  const e = exp(v, v.keep(f32x4.neg(f32x4.abs(x))));
  const above = v128.select(f32x4.less(x, number(0)), e, one);
  return v.keep(div(above, add(one, e)));
}

export function cosh(v: Vectors, x: Vector): Vector {
  // With half of exp |x|, which overflows no sooner than the result.
  const e = scaledExp(v, f32x4.abs(x), -1);
  return v.keep(add(e, div(number(0.25), e)));
}

export function sinh(v: Vectors, x: Vector): Vector {
  const size = v.keep(f32x4.abs(x));
  const e = scaledExp(v, size, -1);
  const far = v.keep(sub(e, div(number(0.25), e)));
  const growth = growthOf(v, f32x4.pmin(size, number(2)));
  const near = v.keep(mul(half, add(growth, div(growth, add(growth, one)))));
  return v.signed(v128.select(f32x4.less(size, one), near, far), x);
}

/** The parts of a positive normal number: x = 2^exponent · (1 + fraction), with 1 + fraction from √½ to √2. */
function split(v: Vectors, x: Vector): { exponent: Vector; fraction: Vector } {
  const rootOfHalf = i32x4.const(0x3f3504f3);
  const exponent = v.keep(i32x4.shr(i32x4.sub(x, rootOfHalf), 23));
  const mantissa = i32x4.sub(x, i32x4.shl(exponent, 23));
  return { exponent: v.keep(f32x4.fromInt(exponent)), fraction: v.keep(sub(mantissa, one)) };
}

/** exponent · log 2 + log(1 + fraction) + correction, from the small terms to the large ones. */
function logOfParts(v: Vectors, exponent: Vector, fraction: Vector, correction: Code<"v128">): Vector {
  const s = v.keep(div(fraction, add(fraction, number(2))));
  const z = v.keep(mul(s, s));
  const rest = v.keep(mul(z, v.polynomial(z, LOG)));
  const halfSquare = v.keep(mul(mul(half, fraction), fraction));
  const low = v.multiplyAdd(exponent, number(LOG2[1]), correction);
  const small = v.multiplyAdd(s, add(halfSquare, rest), low);
  return v.multiplyAdd(exponent, number(LOG2[0]), sub(fraction, sub(halfSquare, small)));
}

/** Overrides the result for arguments of a logarithm that are zero, negative, infinite or NaN. */
function logEdges(v: Vectors, argument: Vector, result: Vector): Vector {
  const infinity = number(Number.POSITIVE_INFINITY);
  const atZero = v.keep(v128.select(f32x4.equal(argument, number(0)), f32x4.neg(infinity), number(Number.NaN)));
  const inside = v128.and(f32x4.less(number(0), argument), f32x4.less(argument, infinity));
  const outside = v128.select(f32x4.equal(argument, infinity), infinity, atZero);
  return v.keep(v128.select(inside, result, outside));
}

export function log(v: Vectors, x: Vector): Vector {
  const subnormal = v.keep(f32x4.less(x, number(2 ** -126)));
  const normal = v.keep(v128.select(subnormal, mul(x, number(2 ** 23)), x));
  const parts = split(v, normal);
  const exponent = v.keep(sub(parts.exponent, v128.and(subnormal, number(23))));
  return logEdges(v, x, logOfParts(v, exponent, parts.fraction, number(0)));
}

export function log1p(v: Vectors, x: Vector): Vector {
  const sum = v.keep(add(one, x));
  const { exponent, fraction } = split(v, sum);
  // What 1 + x lost in rounding comes back to first order; near zero x itself is the fraction and nothing is lost.
  const lost = v.keep(v128.select(f32x4.less(x, one), sub(x, sub(sum, one)), sub(one, sub(sum, x))));
  const near = v.keep(f32x4.equal(exponent, number(0)));
  const correction = v.keep(v128.andNot(div(lost, sum), near));
  const result = logOfParts(v, exponent, v.keep(v128.select(near, x, fraction)), correction);
  const edged = logEdges(v, sum, result);
  return v.keep(v128.select(f32x4.equal(x, number(0)), x, edged));
}
