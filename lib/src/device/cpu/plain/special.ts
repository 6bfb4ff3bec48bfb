/**
 * Special functions in double precision. The error function comes from Chebyshev series that were computed for this
 * file with 40 digits; the gamma family from recurrences and the asymptotic series (Abramowitz and Stegun, 6.1 and 6.4).
 */

/** erf(x) / x on |x| ≤ 1, a series in 2x² − 1. */
export const inside = [
  0.9754769393826541, -0.14226120510371365, 0.010035582187599796, -0.0005768764699767485, 2.741993125219606e-5,
  -1.1043175507344507e-6, 3.8488755420345036e-8, -1.1808582533875466e-9, 3.2334215826050907e-11, -7.991015947004549e-13,
  1.7990725113961456e-14, -3.718635487818693e-16,
] as const;

/** exp(x²) · erfc(x) / t with t = 2 / (2 + x), for x ≥ 1, a series in 3t − 1. */
export const outside = [
  0.43645785270859866, 0.17777556529020944, 0.025368743291002742, 0.0018983124584858347, -9.114875514598765e-5,
  -3.4231442013063065e-5, -3.903404090096349e-7, 6.552494838249473e-7, 2.1491725090828276e-8, -1.5768303155349188e-8,
  -3.873623837875631e-10, 4.5595689169552e-10, -5.6132033539528e-12, -1.4324542177851613e-11, 1.0697250760053045e-12,
  4.307007984940524e-13, -7.513986285954996e-14, -9.720972294440033e-15, 4.000483759738132e-15, -3.614100702144195e-17,
  -1.677503381331645e-16, 2.2844022232634897e-17,
] as const;

/** The sum of a Chebyshev series (Clenshaw 1955). */
function series(coefficients: readonly number[], u: number): number {
  let [next, after] = [0, 0];
  for (let i = coefficients.length - 1; i > 0; i--) [next, after] = [coefficients[i]! + 2 * u * next - after, next];
  return coefficients[0]! + u * next - after;
}

/** exp(−x²), with the rounding error of the square made good. */
function gaussian(x: number): number {
  const high = Math.fround(x);
  return Math.exp(-high * high) * Math.exp((high - x) * (high + x));
}

/** erfc for x ≥ 1. */
function tail(x: number): number {
  if (x > 27) return 0;
  const t = 2 / (2 + x);
  return gaussian(x) * t * series(outside, 3 * t - 1);
}

/** The error function. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size <= 1) return x * series(inside, 2 * x * x - 1);
  return Number.isNaN(x) ? x : Math.sign(x) * (1 - tail(size));
}

/** 1 − erf(x), accurate where it is small. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x >= 1) return tail(x);
  return x <= -1 ? 2 - tail(-x) : 1 - erf(x);
}

/** The x with erf(x) = y: a first guess (Winitzki 2008), then Halley's steps. */
export function erfInv(y: number): number {
  const size = Math.abs(y);
  if (!(size < 1)) return size === 1 ? y * Number.POSITIVE_INFINITY : Number.NaN;
  if (y === 0) return y;
  const rest = Math.log1p(-y * y);
  const b = 2 / (Math.PI * 0.147) + rest / 2;
  let x = Math.sqrt(Math.sqrt(b * b - rest / 0.147) - b);
  for (let i = 0; i < 3; i++) {
    const error = x < 1 ? erf(x) - size : 1 - size - erfc(x);
    const step = (error * Math.sqrt(Math.PI)) / 2 / gaussian(x);
    x -= step / (1 + x * step);
  }
  return Math.sign(y) * x;
}

/** Bernoulli numbers B₂, B₄ … B₂₀. */
export const bernoulli = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
] as const;

/** The logarithm of |Γ(x)|. */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x <= 0 && Number.isInteger(x)) return Number.POSITIVE_INFINITY;
  if (!Number.isFinite(x)) return Number.POSITIVE_INFINITY;
  if (x < 0.5) {
    // The distance to the nearest integer keeps the sine accurate far from zero.
    const near = x - Math.round(x);
    return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * near))) - lgamma(1 - x);
  }
  // Near 1 and 2 the logarithm is near 0: a series there would be better still in relative terms.
  let product = 1;
  let at = x;
  for (; at < 12; at++) product *= at;
  let sum = (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2;
  let power = at;
  for (let k = 1; k <= bernoulli.length; k++) {
    sum += bernoulli[k - 1]! / (2 * k * (2 * k - 1) * power);
    power *= at * at;
  }
  return sum - Math.log(product);
}

/** From so far below zero on digamma and its derivatives are those of 1 − x, reflected. */
const MOST_TERMS = 100;

/** Derivative number `order` of π cot πx: a polynomial in the cotangent, whose own derivative is −π (1 + cot²). */
function cotangent(order: number, x: number): number {
  let polynomial = [0, 1];
  for (let k = 0; k < order; k++) {
    const next = new Array<number>(polynomial.length + 1).fill(0);
    for (const [i, c] of polynomial.entries()) {
      if (i === 0) continue;
      next[i - 1]! -= i * c;
      next[i + 1]! -= i * c;
    }
    polynomial = next;
  }
  const c = 1 / Math.tan(Math.PI * (x - Math.round(x)));
  return Math.PI ** (order + 1) * polynomial.reduceRight((sum, each) => sum * c + each, 0);
}

/** Derivative number `order` of digamma, the derivative of lgamma: order 0 is digamma itself, 1 trigamma. */
export function polygamma(order: number, x: number): number {
  if (Number.isNaN(x) || x === Number.NEGATIVE_INFINITY) return Number.NaN;
  if (x <= 0 && Number.isInteger(x)) return order % 2 === 0 ? Number.NaN : Number.POSITIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return order === 0 ? x : 0;
  const sign = order % 2 === 0 ? -1 : 1;
  // Far below zero there would be no end of terms.
  if (x < -MOST_TERMS) return -sign * polygamma(order, 1 - x) - cotangent(order, x);
  let factorial = 1;
  for (let k = 2; k <= order; k++) factorial *= k;
  let sum = 0;
  let at = x;
  for (; at < 15 + order; at++) sum += factorial / at ** (order + 1);
  if (order === 0) {
    let tail = Math.log(at) - 0.5 / at;
    for (let k = 1; k <= bernoulli.length; k++) tail -= bernoulli[k - 1]! / (2 * k * at ** (2 * k));
    return tail - sum;
  }
  // (n − 1)! / xⁿ + n! / 2xⁿ⁺¹ + Σ B₂ₖ (2k + n − 1)! / (2k)! xⁿ⁺²ᵏ
  let rest = factorial / order / at ** order + factorial / (2 * at ** (order + 1));
  let ratio = factorial / order;
  for (let k = 1; k <= bernoulli.length; k++) {
    ratio *= ((order + 2 * k - 2) * (order + 2 * k - 1)) / ((2 * k - 1) * (2 * k));
    rest += (bernoulli[k - 1]! * ratio) / at ** (order + 2 * k);
  }
  return sign * (sum + rest);
}
