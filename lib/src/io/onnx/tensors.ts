import { deviceNamed } from "../../device/current.ts";
import type { DType, TypedArray } from "../../device/device.ts";
import { tensorOf } from "../../tensor/create.ts";
import { DataError, DTypeError } from "../../tensor/errors.ts";
import { materialise } from "../../tensor/lazy.ts";
import { showShape, sizeOf } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { decode, encode, formats, type NumberFormat } from "../number-formats.ts";
import type { Init, TensorProto } from "./schema.ts";

/** The numbers by which ONNX names kinds of numbers. */
const kinds: Readonly<Record<number, NumberFormat>> = {
  1: "float32",
  2: "uint8",
  3: "int8",
  4: "uint16",
  5: "int16",
  6: "int32",
  7: "int64",
  9: "bool",
  10: "float16",
  11: "float64",
  12: "uint32",
  13: "uint64",
  16: "bfloat16",
  17: "float8_e4m3",
  19: "float8_e5m2",
};

/** How our dtypes are written. */
export const kindOf: Readonly<Record<DType, number>> = { float32: 1, float64: 11, int32: 6, bool: 9 };

/** ONNX's name of our int32 where its operations ask for 64 bits. */
export const int64 = 7;

/** The dtype in which we hold one of ONNX's kinds. */
export function dtypeOf(kind: number, who: string): DType {
  const format = kinds[kind];
  if (format === undefined)
    throw new DTypeError(who, `numbers of ONNX's kind ${kind}, expected bool, integers or floats of up to 64 bits.`);
  return formats[format].dtype;
}

/** Where values that are known before any data are kept and computed with: the device whose values can always be seen. */
export const host = () => deviceNamed("plain");

/** The tensor that a file holds, on the device of known values. */
export function readTensor(proto: TensorProto, who: string): Tensor {
  const name = proto.name === "" ? "a constant" : proto.name;
  if (proto.dataLocation === 1)
    throw new DataError(who, `${name} lies in another file, expected all values in this one. Save it in one file.`);
  const format = kinds[proto.dataType];
  if (format === undefined) throw new DTypeError(who, `${name} is of ONNX's kind ${proto.dataType}, expected numbers.`);
  const { dtype, bytes } = formats[format];
  const shape = proto.dims.map(Number);
  const size = sizeOf(shape);
  const found = proto.rawData.length > 0 ? proto.rawData.length / bytes : listOf(proto, format).length;
  if (shape.some((n) => n < 0) || found !== size)
    throw new DataError(who, `${name} has ${found} values, its shape ${showShape(shape)} takes ${size}.`);
  const values =
    proto.rawData.length > 0
      ? decode(format, format.endsWith("int64") ? ends(proto.rawData) : proto.rawData, { who, name })
      : valuesOf(listOf(proto, format), format, { who, name });
  return tensorOf(values as never, dtype, shape, host());
}

/** Values that are not bytes: in the list that belongs to their kind. */
function listOf(proto: TensorProto, format: NumberFormat): readonly (number | bigint)[] {
  if (format === "float32") return proto.floatData;
  if (format === "float64") return proto.doubleData;
  if (format === "int64") return proto.int64Data;
  if (format === "uint64" || format === "uint32") return proto.uint64Data;
  return proto.int32Data;
}

function valuesOf(list: readonly (number | bigint)[], format: NumberFormat, origin: { who: string; name: string }) {
  if (format === "float32") return Float32Array.from(list as readonly number[]);
  if (format === "float64") return Float64Array.from(list as readonly number[]);
  if (format === "int64" || format === "uint64")
    return decode(format, ends(new Uint8Array(BigInt64Array.from(list as readonly bigint[]).buffer)), origin);
  // Short numbers lie in the low bits of one of 32 each.
  const { bytes } = formats[format];
  const words = new Uint8Array(Int32Array.from(list, Number).buffer);
  return decode(
    format,
    words.filter((_, i) => i % 4 < bytes),
    origin,
  );
}

/** 64-bit integers near their largest stand for "to the end" in ONNX; the same in 32 bits. */
function ends(bytes: Uint8Array): Uint8Array {
  const values = new BigInt64Array(new Uint8Array(bytes).buffer);
  const far = 2n ** 62n;
  return new Uint8Array(values.map((n) => (n >= far ? 2n ** 31n - 1n : n <= -far ? -(2n ** 31n) : n)).buffer);
}

/** The values of a tensor on the device of known values, at once. */
export function knownValues(tensor: Tensor): TypedArray {
  const view = materialise(tensor);
  const identity = { kind: "input", index: 0, dtype: tensor.dtype } as const;
  return tensor.device.peek!(tensor.device.map(identity, [view], tensor.shape, tensor.dtype));
}

/** A tensor as a file holds it; int32 in 64 bits where asked, as ONNX wants shapes and indices. */
export async function writeTensor(name: string, tensor: Tensor, wide = false): Promise<Init<TensorProto>> {
  const values = await tensor.data();
  const whole = wide && tensor.dtype === "int32";
  return {
    name,
    dims: tensor.shape.map(BigInt),
    dataType: whole ? int64 : kindOf[tensor.dtype],
    rawData: whole
      ? new Uint8Array(BigInt64Array.from(values as Int32Array, (n) => BigInt(n)).buffer)
      : new Uint8Array(encode(values)),
  };
}
