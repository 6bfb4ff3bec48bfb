/**
 * Threefry-2x32 with 20 rounds: a counter-based generator (Salmon, Moraes, Dror and Shaw, "Parallel random numbers:
 * as easy as 1, 2, 3", SC 2011). The words depend on the key and the position alone, never on what was drawn before.
 */
export const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
export const parity = 0x1bd11bda;

/** Fills `out` with the words of counters 0, 1, 2 …: two words each. */
export function threefry(key: readonly [number, number], out: Int32Array): void {
  const keys = [key[0] | 0, key[1] | 0, parity ^ key[0] ^ key[1]] as const;
  const pairs = (out.length + 1) >> 1;
  for (let counter = 0; counter < pairs; counter++) {
    let x0 = (counter + keys[0]) | 0;
    let x1 = keys[1];
    for (let group = 0; group < 5; group++) {
      const from = (group & 1) * 4;
      for (let r = from; r < from + 4; r++) {
        const shift = rotations[r]!;
        x0 = (x0 + x1) | 0;
        x1 = ((x1 << shift) | (x1 >>> (32 - shift))) ^ x0;
      }
      x0 = (x0 + keys[((group + 1) % 3) as 0 | 1 | 2]) | 0;
      x1 = (x1 + keys[((group + 2) % 3) as 0 | 1 | 2] + group + 1) | 0;
    }
    out[2 * counter] = x0;
    if (2 * counter + 1 < out.length) out[2 * counter + 1] = x1;
  }
}
