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
