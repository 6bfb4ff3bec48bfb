/** Whether kernels, which count bytes in 32 bits, reach every element of an array. */
export const isAddressable = ({ byteLength }: ArrayBufferView) => byteLength <= 0x7fffffff;

/** Some bytes of the memory, from the first to before the end. */
type Bytes = readonly [from: number, end: number];

/** Says whether a call stays inside a memory. The memory is given as integers, for the offsets that lie in it. */
export type IsInside = (given: readonly number[], words: Int32Array) => boolean;

/**
 * Whether reading by the offsets at `table` from `base`, `reach` bytes each, stays inside; what is written must not lie
 * over the offsets, which might then be anything.
 */
function reads(base: number, reach: number, [from, end]: Bytes, written: Bytes, words: Int32Array): boolean {
  if (from % 4 !== 0 || end > words.byteLength || (written[0] < end && from < written[1])) return false;
  let [least, most] = [0, 0];
  for (let i = from / 4; i < end / 4; i++) {
    const offset = words[i]!;
    if (offset < least) least = offset;
    if (offset > most) most = offset;
  }
  return least === 0 && base + most + reach <= words.byteLength;
}

type Eight = [number, number, number, number, number, number, number, number];
const areCounts = (given: readonly number[], length: number) =>
  given.length === length && given.every((value) => Number.isInteger(value) && value >= 0);

/** For the kernel `product`, by tiles of `rows` × `columns`. */
export const productInside =
  (rows: number, columns: number): IsInside =>
  (given, words) => {
    if (!areCounts(given, 10)) return false;
    const [a, b, bStride, offsets, out, outStride, aPanels, bPanels, depth] = given as [...Eight, number];
    const width = columns * 4;
    const written: Bytes = [out, out + (aPanels * rows - 1) * outStride + bPanels * width];
    return (
      written[1] <= words.byteLength &&
      a + aPanels * depth * rows * 4 <= words.byteLength &&
      reads(b, (bPanels - 1) * bStride + width, [offsets, offsets + depth * 4], written, words)
    );
  };

/** For the kernel `correlate`, by tiles of `lines` × `across`. */
export const correlateInside =
  (lines: number, across: number): IsInside =>
  (given, words) => {
    if (!areCounts(given, 14)) return false;
    const [x, offsets, rowSkip, imageSkip, g, gPanel, gImageSkip, out, ...rest] = given as [...Eight, ...Eight];
    const [outStride, tiles, panels, images, rows, columns] = rest;
    const width = across * 4;
    const row = columns * 4 + rowSkip;
    const reach = (images - 1) * (rows * row + imageSkip) + (rows - 1) * row + columns * 4;
    const gReach = (images - 1) * (rows * columns * width + gImageSkip) + rows * columns * width;
    const written: Bytes = [out, out + (tiles * lines - 1) * outStride + panels * width];
    return (
      written[1] <= words.byteLength &&
      g + (panels - 1) * gPanel + gReach <= words.byteLength &&
      reads(x, reach, [offsets, offsets + tiles * lines * 4], written, words)
    );
  };
