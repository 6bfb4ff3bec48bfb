import * as jit from "./jit/index.ts";
import { fillNormal } from "./normal.ts";
import { threefry } from "./threefry.ts";

/** Random numbers of a key: the same on every machine, to the bit, whichever way is the faster. */
type Key = readonly [number, number];

/** Fills `out` with the words of Threefry-2x32. */
export function words(key: Key, out: Int32Array): void {
  if (jit.words(key, out) === undefined) threefry(key, out);
}

/** Fills `out` with normal numbers, two from two words. */
export function normals(key: Key, out: Float32Array, mean: number, std: number): void {
  if (jit.normals(key, out, mean, std) !== undefined) return;
  const own = new Int32Array(out.length + (out.length % 2));
  words(key, own);
  fillNormal(out, own, mean, std);
}
