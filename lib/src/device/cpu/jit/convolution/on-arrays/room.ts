/** Floats above which memory is not kept for the next convolution. */
const MOST_HELD = 1 << 23;
const held = new Map<string, Float32Array>();

type Purpose = "images" | "filters" | "results" | "cotangents" | "turned" | "sums";

/** Memory that convolutions use again and again, for each of a few purposes. It holds anything. */
export function room(purpose: Purpose, length: number): Float32Array {
  const known = held.get(purpose);
  if (known !== undefined && known.length >= length) return known;
  const made = new Float32Array(length);
  if (length <= MOST_HELD) held.set(purpose, made);
  return made;
}
