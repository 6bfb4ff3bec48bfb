import type { Reduction } from "../../device.ts";

/**
 * Largest and smallest of a few float32 without a branch: of random values JavaScript mispredicts every second one, which
 * costs more than all else. The bits of a float32, read as an integer, are in the order of its value once those of the
 * negative ones are turned round. A NaN counts as the most extreme of all, and for a position −0 as 0.
 */
export function unrolledExtreme(by: Exclude<Reduction, "sum" | "prod">, elements: number): string {
  const position = by.startsWith("arg");
  const largest = by.endsWith("max");
  const [first, last] = largest ? ["-0x80000000", "0x7fffffff"] : ["0x7fffffff", "-0x80000000"];
  const places = Array.from({ length: elements }, (_, i) => i);
  const element = (i: number) => `
      b = x[p + f${i}];
      ${position ? "b &= -((b << 1 !== 0) | 0);" : ""}
      n = (0x7f800000 - (b & 0x7fffffff)) >> 31;
      k = ((b ^ ((b >> 31) & 0x7fffffff)) & ~n) | (${last} & n);
      m = -((${largest ? "best < k" : "k < best"}) | 0);
      best ^= (best ^ k) & m;
      ${position ? `at ^= (at ^ ${i}) & m;` : ""}`;
  return `
    ${places.map((i) => `const f${i} = from + outer[${i}];`).join(" ")}
    for (let o = 0; o < kept.length; o++) {
      const p = kept[o];
      let best = ${first}, at = 0, b = 0, n = 0, k = 0, m = 0;
      ${places.map(element).join("")}
      out[o] = ${position ? "at" : "best ^ ((best >> 31) & 0x7fffffff)"};
    }`;
}

/** The bits of float32 values as integers, in the same memory. */
export function bitsOf(values: Float32Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length);
}
