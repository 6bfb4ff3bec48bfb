import * as jit from "./jit/index.ts";
import { threefry } from "./threefry.ts";

/** Fills `out` with the words of Threefry-2x32 for a key: the same on every machine, whichever way is the faster. */
export function fillWords(key: readonly [number, number], out: Int32Array): void {
  if (jit.words(key, out) === undefined) threefry(key, out);
}
