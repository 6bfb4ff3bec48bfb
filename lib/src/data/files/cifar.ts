import { DataError } from "../../tensor/errors.ts";

/** Bytes of one record of CIFAR-10's binary version: a label, then 32 × 32 values of red, of green and of blue. */
const record = 3073;

/** Labels `[n]` and images `[n, 3, 32, 32]` of a file of CIFAR-10's binary version (Krizhevsky 2009). */
export function readCifar(who: string, file: Uint8Array): { readonly labels: Int32Array; readonly images: Uint8Array } {
  const count = file.length / record;
  if (!Number.isInteger(count) || count === 0)
    throw new DataError(
      who,
      `the file holds ${file.length} bytes, expected a multiple of 3073: a label and 3072 values.`,
    );
  const labels = new Int32Array(count);
  const images = new Uint8Array(count * (record - 1));
  for (let i = 0; i < count; i++) {
    const label = file[i * record]!;
    if (label > 9)
      throw new DataError(who, `the label of image ${i} is ${label}, expected 0 … 9. Is this a file of CIFAR-10?`);
    labels[i] = label;
    images.set(file.subarray(i * record + 1, (i + 1) * record), i * (record - 1));
  }
  return { labels, images };
}
