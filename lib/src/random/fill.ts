import { floatBelow } from "./draws.ts";

/** A word as a number in [0, 1). */
export function unit(word: number): number {
  return (word >>> 0) / 2 ** 32;
}

/** Numbers in [low, high) from words, of which the upper 24 bits count; the words may lie in the same memory. */
export function fillUniform(values: Float32Array, words: Int32Array, low: number, high: number): void {
  // Rounding to float32 may not reach `high`.
  const most = low < high ? floatBelow(high) : Number.POSITIVE_INFINITY;
  const step = (high - low) / 2 ** 24;
  for (let i = 0; i < values.length; i++) values[i] = Math.min(low + step * (words[i]! >>> 8), most);
}

/** Normal numbers, two from two words, which may lie in the same memory (Box and Muller 1958). */
export function fillNormal(values: Float32Array, words: Int32Array, mean: number, std: number): void {
  for (let i = 0; i < values.length; i += 2) {
    // 1 − u lies in (0, 1], where the logarithm is finite.
    const angle = 2 * Math.PI * unit(words[i + 1]!);
    const radius = std * Math.sqrt(-2 * Math.log(1 - unit(words[i]!)));
    values[i] = mean + radius * Math.cos(angle);
    if (i + 1 < values.length) values[i + 1] = mean + radius * Math.sin(angle);
  }
}

/** Ones with that probability, zeros else. */
export function fillTossed(values: Uint8Array, words: Int32Array, probability: number): void {
  const end = Math.ceil(probability * 2 ** 32);
  if (end === 2 ** 32) values.fill(1);
  else for (let i = 0; i < values.length; i++) values[i] = isBelow(words[i]!, end | 0);
}

/** 1 where a < b, both without sign, else 0: what a subtraction borrows, without a branch that chance decides. */
function isBelow(a: number, b: number): number {
  return ((~a & b) | ((~a | b) & (a - b))) >>> 31;
}
