import { readFile, writeFile } from "node:fs/promises";
import type { DType } from "../device/device.ts";
import { hostArray } from "../device/host.ts";
import { loadState } from "../nn/load-state.ts";
import { type Module, state } from "../nn/module.ts";
import { tensorOf } from "../tensor/create.ts";
import { DataError } from "../tensor/errors.ts";
import { sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";

const names: Readonly<Record<DType, string>> = { float32: "F32", float64: "F64", int32: "I32", bool: "BOOL" };
const dtypes = new Map(Object.entries(names).map(([dtype, name]) => [name, dtype as DType]));

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Tensors by name as the bytes of a safetensors file: 8 bytes of header length, a JSON header, the values. */
export async function toSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const header: Record<string, unknown> = { __metadata__: { format: "pt", ...metadata } };
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, tensor] of tensors) {
    const values = await tensor.data();
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    header[name] = {
      dtype: names[tensor.dtype],
      shape: tensor.shape,
      data_offsets: [offset, offset + bytes.length],
    } satisfies Entry;
    parts.push(bytes);
    offset += bytes.length;
  }
  let text = new TextEncoder().encode(JSON.stringify(header));
  // The values begin at a multiple of eight bytes.
  if (text.length % 8 !== 0) text = new Uint8Array([...text, ...new Array(8 - (text.length % 8)).fill(0x20)]);
  const file = new Uint8Array(8 + text.length + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  let at = 8 + text.length;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** The tensors of a safetensors file, by name. */
export function fromSafetensors(file: Uint8Array, who = "safetensors"): Map<string, Tensor> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = file.length < 8 ? Number.NaN : Number(view.getBigUint64(0, true));
  if (!(length <= file.length - 8)) throw new DataError(who, "the file is too short for a safetensors header.");
  let header: Record<string, Entry>;
  try {
    header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as Record<string, Entry>;
  } catch {
    throw new DataError(who, "the header is not JSON; is this a safetensors file?");
  }
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    if (!Array.isArray(entry?.shape) || !Array.isArray(entry.data_offsets))
      throw new DataError(who, `the header entry of ${name} has no shape or no data_offsets.`);
    const dtype = dtypes.get(entry.dtype);
    if (dtype === undefined)
      throw new DataError(who, `${name} is ${entry.dtype}, expected one of ${[...dtypes.keys()].join(", ")}.`);
    const [from, to] = entry.data_offsets;
    const values = hostArray(dtype, sizeOf(entry.shape));
    if (8 + length + to > file.length)
      throw new DataError(who, `${name} ends at byte ${8 + length + to}, the file at ${file.length}: it was cut off.`);
    if (to - from !== values.byteLength) {
      throw new DataError(
        who,
        `${name} has ${to - from} bytes, its shape [${entry.shape.join(", ")}] takes ${values.byteLength}.`,
      );
    }
    new Uint8Array(values.buffer).set(file.subarray(8 + length + from, 8 + length + to));
    tensors.set(name, tensorOf(values as never, dtype, entry.shape));
  }
  return tensors;
}

/** Writes a model's parameters and constants to a safetensors file, under PyTorch's names. */
export async function save(model: Module, path: string): Promise<void> {
  const tensors = new Map(state(model).map((place) => [place.path, place.get()]));
  await writeFile(path, await toSafetensors(tensors));
}

/** Reads them back; every name and shape must fit. */
export async function load<M extends Module>(model: M, path: string): Promise<M> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "ENOENT" ? "there is no such file" : error.message;
    throw new DataError("load", `${path}: ${why}. A model is written there by save(model, path).`);
  });
  loadState(model, fromSafetensors(bytes, path));
  return model;
}
