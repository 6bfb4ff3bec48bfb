import { DataError } from "../../tensor/errors.ts";

/** An array of bytes in the IDX format of the MNIST files: magic `0 0 8 rank`, sizes big-endian, then the bytes. */
export function readIdx(
  who: string,
  file: Uint8Array,
): { readonly shape: readonly number[]; readonly values: Uint8Array } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 4 || view.getUint16(0) !== 0 || view.getUint8(2) !== 8) {
    throw new DataError(who, "the file does not begin as an IDX file of bytes (0, 0, 8).");
  }
  const rank = view.getUint8(3);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const values = file.subarray(4 + 4 * rank);
  const expected = shape.reduce((size, n) => size * n, 1);
  if (values.length !== expected)
    throw new DataError(
      who,
      `the file holds ${values.length} bytes, its header [${shape.join(", ")}] announces ${expected}.`,
    );
  return { shape, values };
}
