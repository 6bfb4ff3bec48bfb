import { normal } from "./kernels/normal.ts";
import { threefry, WORDS } from "./kernels/threefry.ts";
import type { Scratch } from "./scratch.ts";

type Key = readonly [number, number];

/** Words that are made before they are copied: they stay in the cache until then. */
const BLOCK = 1 << 14;

/** Fills `out` with the words of Threefry-2x32 for counters 0, 1, 2 …, four counters at a time. */
export function words(key: Key, out: Int32Array, scratch: Scratch): void {
  const at = scratch.claim(4 * BLOCK);
  const make = blocksOf(key, at, scratch);
  const { integers } = scratch;
  for (let done = 0; done < out.length; done += BLOCK) {
    const length = Math.min(BLOCK, out.length - done);
    make(done, length);
    out.set(integers.subarray(at / 4, at / 4 + length), done);
  }
}

/** Fills `out` with normal numbers from the words of a key, two from two. */
export function normals(key: Key, out: Float32Array, mean: number, std: number, scratch: Scratch): void {
  const { run } = scratch.engine.kernels("normal", () => ({ run: normal }));
  const [at, about] = [scratch.claim(4 * BLOCK), scratch.claim(16)];
  const make = blocksOf(key, at, scratch);
  new Float64Array(scratch.floats.buffer, about, 2).set([mean, std]);
  const { floats } = scratch;
  for (let done = 0; done < out.length; done += BLOCK) {
    const length = Math.min(BLOCK, out.length - done);
    run(at, make(done, length), about);
    out.set(floats.subarray(at / 4, at / 4 + length), done);
  }
}

/** Puts at least so many of a key's words from `done` on to an address; where they end. */
function blocksOf(key: Key, at: number, scratch: Scratch): (done: number, length: number) => number {
  const { run } = scratch.engine.kernels("threefry", () => ({ run: threefry }));
  return (done, length) => {
    const end = at + 4 * WORDS * Math.ceil(length / WORDS);
    run(at, end, done / 2, key[0], key[1]);
    return end;
  };
}
