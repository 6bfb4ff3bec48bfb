import type { Operand, Value, VectorCode } from "./code.ts";

/**
 * Transcendental functions in single precision; how far they are from the exact values stands at the operations.
 * The polynomials are Chebyshev approximations of the functions named beside them on the reduced interval; those of error
 * functions have the least largest error.
 */
export const approximations = { exp, expm1, log, log1p, log2, tanh, sigmoid, sinh, cosh, erf, erfc } as const;

/** log 2 in two parts: multiples of the first, of nine bits, are exact. */
const LOG2 = [0.693359375, -0.000212194440054691] as const;
/** (exp r − 1 − r) / r² for |r| ≤ ½ log 2. */
const EXP = [0.5, 0.16666576846, 0.0416665544377, 0.00836320297158, 0.00139262134663];
/** (log((1 + s) / (1 − s)) / s − 2) / s² in s², for (1 + s) / (1 − s) from √½ to √2. */
const LOG = [0.666666850954, 0.399887577166, 0.2958098593];
/** Up to where an error function is had directly; from here on, from erfc. */
const NEAR = 0.65625;
/** erf x / x − 1 in x². */
const ERF = [0.12837915122509, -0.37612384557724, 0.11279097944498, -0.02655858360230923, 0.004385397303849459];
/** exp x² · erfc x / t in t − {@link MIDDLE}, with t = 1 / (1 + {@link STRETCH} x). */
const ERFC = [
  ...[0.38766250014305115, 0.650153636932373, 0.8581510186195374, 0.8577545285224915],
  ...[0.5857614278793335, 0.17769689857959747, -0.10371288657188416, -0.11119857430458069],
];
const STRETCH = 0.34375;
const MIDDLE = 0.53125;

/** What a float's exponent is greater by. */
const BIAS = 127;

/** 2 to the power of what a biased number is above {@link BIAS}, from −126 to 127. */
const powerOf = (v: VectorCode, biased: Value) => v.shift("shl", biased, 23);

/**
 * `factor · x = n log 2 + r` for a factor that is a power of two, or one's negative: the whole number n with a bias, and
 * (exp r − 1) / factor, which costs nothing more than without a factor. A small `rest` is added to x where it still
 * counts.
 */
function reduce(
  v: VectorCode,
  x: Operand,
  bias: number,
  { factor = 1, rest }: { readonly factor?: number; readonly rest?: Value } = {},
): { biased: Value; growth: Value } {
  const biased = v.toBiased(x, factor * Math.LOG2E, bias);
  const n = v.fromBiased(biased, bias);
  const near = v.multiplyAdd(n, -LOG2[0] / factor, x);
  const reduced = v.multiplyAdd(n, -LOG2[1] / factor, near);
  const r = rest === undefined ? reduced : v.add(reduced, rest);
  const coefficients = EXP.map((c, i) => c * factor ** (i + 1));
  return { biased, growth: v.multiplyAdd(v.mul(r, r), v.polynomial(r, coefficients), r) };
}

/** exp x · 2^shift. */
function scaledExp(v: VectorCode, x: Operand, shift: number): Value {
  const { biased, growth } = reduce(v, v.pmin(v.pmax(x, -105), 90), 2 * BIAS + shift);
  // Two powers of two reach the subnormal numbers and infinity with a single rounding.
  const half = v.shift("shr", biased, 1);
  const [first, second] = [powerOf(v, half), powerOf(v, v.binary("subInt", biased, half))];
  return v.mul(v.multiplyAdd(growth, first, first), second);
}

export function exp(v: VectorCode, x: Value): Value {
  return scaledExp(v, x, 0);
}

/** {@link exp} for no x above 0, to the bit, at a lower cost. */
export function expOfNegative(v: VectorCode, x: Value): Value {
  const { biased, growth } = reduce(v, v.pmax(x, -105), BIAS + 64);
  const power = powerOf(v, biased);
  return v.mul(v.multiplyAdd(growth, power, power), 2 ** -64);
}

/** exp x − 1 for x from −80 to 88; a zero loses its sign. */
function growthOf(v: VectorCode, x: Operand): Value {
  const { biased, growth } = reduce(v, x, BIAS);
  const power = powerOf(v, biased);
  return v.multiplyAdd(growth, power, v.sub(power, 1));
}

export function expm1(v: VectorCode, x: Value): Value {
  // Half of the result, which overflows no sooner than the result. What is so small that half of it may be subnormal is
  // its own result.
  const { biased, growth } = reduce(v, v.pmin(v.pmax(x, -30), 89), BIAS - 1);
  const power = powerOf(v, biased);
  const half = v.multiplyAdd(growth, power, v.sub(power, 0.5));
  return v.select(v.less(v.abs(x), 2 ** -25), x, v.add(half, half));
}

export function tanh(v: VectorCode, x: Value): Value {
  // h / (1 − h) with h = (1 − exp −2|x|) / 2; from 10 on the result is 1 in single precision.
  const { biased, growth } = reduce(v, v.pmin(v.abs(x), 10), BIAS, { factor: -2 });
  const power = powerOf(v, biased);
  const half = v.multiplyAdd(growth, power, v.multiplyAdd(power, -0.5, 0.5));
  return v.signed(v.div(half, v.sub(1, half)), x);
}

export function sigmoid(v: VectorCode, x: Value): Value {
  const e = expOfNegative(v, v.binary("or", x, v.integer(-0x80000000)));
  const above = v.select(v.less(x, 0), e, 1);
  return v.div(above, v.add(1, e));
}

export function cosh(v: VectorCode, x: Value): Value {
  // With half of exp |x|, which overflows no sooner than the result.
  const e = scaledExp(v, v.abs(x), -1);
  return v.add(e, v.div(0.25, e));
}

export function sinh(v: VectorCode, x: Value): Value {
  const size = v.abs(x);
  const e = scaledExp(v, size, -1);
  const far = v.sub(e, v.div(0.25, e));
  const growth = growthOf(v, v.pmin(size, 2));
  const near = v.mul(0.5, v.add(growth, v.div(growth, v.add(growth, 1))));
  return v.signed(v.select(v.less(size, 1), near, far), x);
}

/** The parts of a positive normal number: x = 2^exponent · (1 + fraction), with 1 + fraction from √½ to √2. */
function split(v: VectorCode, x: Value): { exponent: Value; fraction: Value } {
  const rootOfHalf = v.integer(0x3f3504f3);
  const exponent = v.shift("shr", v.binary("subInt", x, rootOfHalf), 23);
  const mantissa = v.binary("subInt", x, v.shift("shl", exponent, 23));
  return { exponent: v.unary("fromInt", exponent), fraction: v.sub(mantissa, 1) };
}

/** exponent · log 2 + log(1 + fraction) + correction, from the small terms to the large ones. */
function logOfParts(v: VectorCode, exponent: Value, fraction: Value, correction: Operand): Value {
  const s = v.div(fraction, v.add(fraction, 2));
  const z = v.mul(s, s);
  const rest = v.mul(z, v.polynomial(z, LOG));
  const halfSquare = v.mul(v.mul(0.5, fraction), fraction);
  const low = v.multiplyAdd(exponent, LOG2[1], correction);
  const small = v.multiplyAdd(s, v.add(halfSquare, rest), low);
  return v.multiplyAdd(exponent, LOG2[0], v.sub(fraction, v.sub(halfSquare, small)));
}

/** Overrides the result for arguments of a logarithm that are zero, negative, infinite or NaN. */
function logEdges(v: VectorCode, argument: Value, result: Value): Value {
  const infinity = Number.POSITIVE_INFINITY;
  const atZero = v.select(v.equal(argument, 0), v.neg(infinity), Number.NaN);
  const inside = v.binary("and", v.less(0, argument), v.less(argument, infinity));
  const outside = v.select(v.equal(argument, infinity), infinity, atZero);
  return v.select(inside, result, outside);
}

/** The parts of a positive number, which may be subnormal. */
function splitAny(v: VectorCode, x: Value): { exponent: Value; fraction: Value } {
  const subnormal = v.less(x, 2 ** -126);
  const { exponent, fraction } = split(v, v.select(subnormal, v.mul(x, 2 ** 23), x));
  return { exponent: v.sub(exponent, v.binary("and", subnormal, 23)), fraction };
}

export function log(v: VectorCode, x: Value): Value {
  const { exponent, fraction } = splitAny(v, x);
  return logEdges(v, x, logOfParts(v, exponent, fraction, 0));
}

export function log1p(v: VectorCode, x: Value): Value {
  const sum = v.add(1, x);
  const { exponent, fraction } = split(v, sum);
  // What 1 + x lost in rounding comes back to first order; near zero x itself is the fraction and nothing is lost.
  const lost = v.select(v.less(x, 1), v.sub(x, v.sub(sum, 1)), v.sub(1, v.sub(sum, x)));
  const near = v.equal(exponent, 0);
  const correction = v.binary("andNot", v.div(lost, sum), near);
  const result = logOfParts(v, exponent, v.select(near, x, fraction), correction);
  const edged = logEdges(v, sum, result);
  return v.select(v.equal(x, 0), x, edged);
}

export function log2(v: VectorCode, x: Value): Value {
  const { exponent, fraction } = splitAny(v, x);
  return logEdges(v, x, v.multiplyAdd(logOfParts(v, v.number(0), fraction, 0), Math.LOG2E, exponent));
}

/** What an error function is made of: erf x near zero, and erfc |x| elsewhere. */
function errorParts(v: VectorCode, x: Value): { isNear: Value; near: Value; tail: Value } {
  const size = v.abs(x);
  const near = v.multiplyAdd(x, v.polynomial(v.mul(x, x), ERF), x);
  // exp −a² from the exact square of a's upper half and what is missing from it; from 10.1 on the result is 0.
  const a = v.pmin(size, 10.5);
  const high = v.binary("and", a, v.integer(~0xfff));
  const rest = v.mul(v.sub(high, a), v.add(high, a));
  const { biased, growth } = reduce(v, v.mul(v.neg(high), high), BIAS + 64, { rest });
  const power = powerOf(v, biased);
  const t = v.div(1, v.multiplyAdd(a, STRETCH, 1));
  // t − MIDDLE, of which the rounding of t would leave less.
  const u = v.mul(t, v.multiplyAdd(a, -STRETCH * MIDDLE, 1 - MIDDLE));
  const scaled = v.mul(v.mul(v.multiplyAdd(growth, power, power), t), v.polynomial(u, ERFC));
  return { isNear: v.less(size, NEAR), near, tail: v.mul(scaled, 2 ** -64) };
}

export function erf(v: VectorCode, x: Value): Value {
  const { isNear, near, tail } = errorParts(v, x);
  return v.select(isNear, near, v.signed(v.sub(1, tail), x));
}

export function erfc(v: VectorCode, x: Value): Value {
  const { isNear, near, tail } = errorParts(v, x);
  return v.select(isNear, v.sub(1, near), v.select(v.less(x, 0), v.sub(2, tail), tail));
}
