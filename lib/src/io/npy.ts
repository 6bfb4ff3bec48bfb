import type { DType } from "../device/device.ts";
import { tensorOf } from "../tensor/create.ts";
import { DataError } from "../tensor/errors.ts";
import { showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { readWhole, writeWhole } from "./files.ts";
import { readNpyHeader, writeNpyHeader } from "./npy-header.ts";
import { decode, encode, formats } from "./number-formats.ts";

const descriptions: Readonly<Record<DType, string>> = { float32: "<f4", float64: "<f8", int32: "<i4", bool: "|b1" };

/** A tensor as the bytes of an npy file, numpy's format for one array. */
export async function toNpy(x: Tensor): Promise<Uint8Array> {
  const head = writeNpyHeader(descriptions[x.dtype], x.shape);
  const values = encode(await x.data());
  const file = new Uint8Array(head.length + values.length);
  file.set(head);
  file.set(values, head.length);
  return file;
}

/**
 * The tensor of an npy file, as `numpy.save` writes it, in any order of axes and bytes. Numbers keep their values: float16
 * becomes float32, integers of 8 to 64 bits int32, float64 and bool stay.
 *
 * Throws a `DataError` for what is no npy file or was cut off, and a `DTypeError` for complex numbers, texts, records and
 * Python objects, and for an integer that int32 cannot hold.
 *
 * @example
 * ```ts
 * import { fromNpy, tensor, toNpy } from "gradbook";
 *
 * const file = await toNpy(tensor([[1, 2], [3, 4]]));
 * await fromNpy(file).toArray(); // [[1, 2], [3, 4]]
 * ```
 */
export function fromNpy(file: Uint8Array, who = "npy"): Tensor {
  const { format, bigEndian, fortran, shape, begin } = readNpyHeader(file, who);
  const { bytes, dtype } = formats[format];
  const [takes, has] = [sizeOf(shape) * bytes, file.length - begin];
  if (has !== takes) {
    const why = has < takes ? "it was cut off" : "expected nothing after them";
    throw new DataError(who, `${has} bytes of values, ${showShape(shape)} of ${format} takes ${takes}: ${why}.`);
  }
  const values = decode(format, file.subarray(begin), { who, name: "the array", bigEndian });
  // In Fortran's order the axes run the other way round.
  const x = tensorOf(values as never, dtype, fortran ? shape.toReversed() : shape);
  return fortran && shape.length > 1 ? x.transpose(shape.map((_, axis) => shape.length - 1 - axis)) : x;
}

/** Writes a tensor to an npy file, as a whole or not at all; `numpy.load` reads it. */
export async function saveNpy(x: Tensor, path: string): Promise<void> {
  await writeWhole(path, [await toNpy(x)], "saveNpy");
}

/** The tensor of an npy file on disk, as `fromNpy` reads it. */
export async function loadNpy(path: string): Promise<Tensor> {
  return fromNpy(await readWhole(path, "loadNpy", "numpy.save or saveNpy(x, path) writes one."), path);
}
