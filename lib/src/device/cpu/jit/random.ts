import { threefry, WORDS } from "./kernels/threefry.ts";
import type { Scratch } from "./scratch.ts";

/** Words that are made before they are copied: they stay in the cache until then. */
const BLOCK = 1 << 14;

/** Fills `out` with the words of Threefry-2x32 for counters 0, 1, 2 …, four counters at a time. */
export function words(key: readonly [number, number], out: Int32Array, scratch: Scratch): void {
  const { run } = scratch.engine.kernels("threefry", () => ({ run: threefry }));
  const at = scratch.claim(4 * BLOCK);
  for (let done = 0; done < out.length; done += BLOCK) {
    const length = Math.min(BLOCK, out.length - done);
    run(at, at + 4 * WORDS * Math.ceil(length / WORDS), done / 2, key[0], key[1]);
    out.set(scratch.integers.subarray(at / 4, at / 4 + length), done);
  }
}
