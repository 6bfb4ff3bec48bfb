import type { DType, Shape } from "../device/device.ts";
import { tensorOf } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { decode, encode, formats, type ShortFloat } from "./number-formats.ts";
import { headerLength, readHeader, type SafetensorsHeader, type StoredTensor } from "./safetensors-header.ts";

export interface SafetensorsOptions {
  /** Notes by name, such as how the tensors came about. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Stores float32 values in 16 bits, rounded to the nearest: half the size, a little less precise. */
  readonly floats?: ShortFloat;
}

const names: Readonly<Record<DType | ShortFloat, string>> = {
  float32: "F32",
  float64: "F64",
  int32: "I32",
  bool: "BOOL",
  float16: "F16",
  bfloat16: "BF16",
};

interface Planned {
  readonly name: string;
  readonly tensor: Tensor;
  readonly format: DType | ShortFloat;
  readonly bytes: number;
}

/** @internal How many bytes a tensor takes in a file. */
export function bytesOf(tensor: Tensor, floats: ShortFloat | undefined): number {
  return tensor.size * formats[formatOf(tensor, floats)].bytes;
}

function formatOf(tensor: Tensor, floats: ShortFloat | undefined): DType | ShortFloat {
  return tensor.dtype === "float32" ? (floats ?? "float32") : tensor.dtype;
}

/** @internal A safetensors file piece by piece, so that never more than one tensor is copied. */
export async function* safetensorsParts(
  tensors: ReadonlyMap<string, Tensor>,
  { metadata = {}, floats }: SafetensorsOptions = {},
): AsyncGenerator<Uint8Array, void> {
  if (tensors.has("__metadata__"))
    throw new ArgumentError("safetensors", "a tensor has the name __metadata__, which the format keeps for itself.");
  if (floats !== undefined && floats !== "float16" && floats !== "bfloat16")
    throw new ArgumentError("safetensors", `floats is ${String(floats)}, expected float16 or bfloat16.`);
  const planned = Array.from(tensors, ([name, tensor]): Planned => {
    const format = formatOf(tensor, floats);
    return { name, tensor, format, bytes: tensor.size * formats[format].bytes };
  });
  // Wider numbers first, so that every tensor lies at a multiple of its numbers' size.
  const laid = planned.toSorted((a, b) => formats[b.format].bytes - formats[a.format].bytes);
  const places = new Map<string, readonly [number, number]>();
  let end = 0;
  for (const { name, bytes } of laid) {
    places.set(name, [end, end + bytes]);
    end += bytes;
  }
  const entries = planned.map(({ name, tensor: { shape }, format }) => [
    name,
    { dtype: names[format], shape, data_offsets: places.get(name)! },
  ]);
  const header = Object.fromEntries([["__metadata__", { format: "pt", ...metadata }], ...entries]);
  const text = new TextEncoder().encode(JSON.stringify(header));
  // The values begin at a multiple of eight bytes.
  const head = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
  head.set(text, 8);
  yield head;
  for (const { tensor } of laid) yield encode(await tensor.data(), floats);
}

/**
 * Tensors by name as the bytes of a safetensors file: 8 bytes of header length, a JSON header, the values.
 *
 * @example
 * ```ts
 * import { fromSafetensors, tensor, toSafetensors } from "gradbook";
 *
 * const file = await toSafetensors(new Map([["x", tensor([1, 2, 3])]]), { metadata: { seed: "1" } });
 * await fromSafetensors(file).get("x")!.toArray(); // [1, 2, 3]
 * ```
 */
export async function toSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  options: SafetensorsOptions = {},
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of safetensorsParts(tensors, options)) parts.push(part);
  const file = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/**
 * What a safetensors file says of itself, without its values: the notes in `metadata`, and of each tensor the number
 * format, the shape and the bytes that it takes. Throws a `DataError` where header and file do not fit.
 */
export function safetensorsHeader(file: Uint8Array, who = "safetensors"): SafetensorsHeader {
  const length = headerLength(file.subarray(0, 8), file.length, who);
  return readHeader(file.subarray(8, 8 + length), file.length, who);
}

/** @internal One tensor of a file from its bytes. */
export function tensorFrom(bytes: Uint8Array, name: string, { format, shape }: StoredTensor, who: string): Tensor {
  return laidOut(decode(format, bytes, { who, name }), formats[format].dtype, shape);
}

/** @internal Values of a dtype as a tensor. */
export function laidOut(values: ArrayBufferView, dtype: DType, shape: Shape): Tensor {
  return tensorOf(values as never, dtype, shape);
}

/**
 * The tensors of a safetensors file, by name. Numbers keep their values: float16, bfloat16 and 8-bit floats become
 * float32, integers of 8 to 64 bits int32, float64 and bool stay.
 *
 * Throws a `DataError` for a damaged file (a header that is no JSON; bytes that overlap, are missing or belong to no
 * tensor) and a `DTypeError` for an integer that int32 cannot hold.
 */
export function fromSafetensors(file: Uint8Array, who = "safetensors"): Map<string, Tensor> {
  const { tensors } = safetensorsHeader(file, who);
  return new Map(
    Array.from(tensors, ([name, stored]) => [
      name,
      tensorFrom(file.subarray(stored.from, stored.to), name, stored, who),
    ]),
  );
}
