/**
 * Normal numbers from random words (Box and Muller 1958), by the same steps as the WebAssembly kernel `normal`, to the bit:
 * sine, cosine and logarithm are polynomials of our own (Chebyshev approximations), since those of engines may differ.
 */

/** sin x / x in x², |x| ≤ π/4. */
export const SIN = [
  ...[1, -0.16666666666666616, 0.008333333333320363, -0.00019841269828650294],
  ...[2.755731337639838e-6, -2.505071697382535e-8, 1.589473663549746e-10],
] as const;
/** cos x in x², |x| ≤ π/4. */
export const COS = [
  ...[1, -0.4999999999999925, 0.041666666666472306, -0.0013888888869978651],
  ...[2.4801578538560366e-5, -2.755523388443186e-7, 2.063045435516638e-9],
] as const;
/** 2 artanh s / s in s², where (1 + s) / (1 − s) is from √½ to √2. */
export const LOG = [
  ...[2, 0.6666666666666765, 0.3999999999930191, 0.2857142876073828],
  ...[0.22222197046404274, 0.18183632241617026, 0.153125131147383, 0.1480986757231306],
] as const;
/** What a word's angle is multiplied with: a whole turn is 2³². */
export const TURN = Math.PI / 2 ** 31;

/** cos and sin of quarter turns. */
const quarters = Float64Array.of(1, 0, -1, 0);

/** Fills `values` from as many words, which may lie in the same memory, or one more: each two give two. */
export function fillNormal(values: Float32Array, words: Int32Array, mean: number, std: number): void {
  for (let i = 0; i < values.length; i += 2) {
    const angle = words[i + 1]!;
    const radius = std * Math.sqrt(-2 * logOfRest(words[i]!));
    const quarter = (angle + 2 ** 29) >>> 30;
    const x = ((angle - (quarter << 30)) | 0) * TURN;
    const y = x * x;
    const sin = x * polynomial(SIN, y);
    const cos = polynomial(COS, y);
    const [c, s] = [quarters[quarter]!, quarters[(quarter + 3) & 3]!];
    values[i] = mean + radius * (cos * c - sin * s);
    if (i + 1 < values.length) values[i + 1] = mean + radius * (sin * c + cos * s);
  }
}

/** ln(1 − u) for a word of 2³² u: 1 − u lies in (0, 1], where the logarithm is finite. */
function logOfRest(word: number): number {
  const rest = 2 ** 32 - (word >>> 0);
  // rest = 2ᵏ z with z from √½ to √2.
  let k = rest === 2 ** 32 ? 32 : 31 - Math.clz32(rest);
  let z = rest / 2 ** k;
  if (z > Math.SQRT2) {
    z /= 2;
    k++;
  }
  const s = (z - 1) / (z + 1);
  return (k - 32) * Math.LN2 + s * polynomial(LOG, s * s);
}

/** c₀ + c₁ x + c₂ x² + … */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = coefficients.at(-1)!;
  for (let i = coefficients.length - 2; i >= 0; i--) sum = sum * x + coefficients[i]!;
  return sum;
}
