import { ArgumentError, DataError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { readWhole, writeWhole } from "./files.ts";
import { fromNpy, toNpy } from "./npy.ts";

export interface NpzOptions {
  /** Makes the file smaller, as `numpy.savez_compressed`; stored as they are if not said. */
  readonly compress?: boolean;
}

/** The same tensors, the same bytes: zip files hold a date, of which this is the earliest. */
const date = new Date(1980, 0, 1);
const here = { useWebWorkers: false } as const;

/** Tensors by name as the bytes of an npz file, numpy's format for several arrays: a zip of npy files. */
export async function toNpz(
  tensors: ReadonlyMap<string, Tensor>,
  { compress = false }: NpzOptions = {},
): Promise<Uint8Array> {
  const options = { ...here, level: compress ? 6 : 0, lastModDate: date, extendedTimestamp: false };
  const { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } = await zipLibrary();
  const zip = new ZipWriter(new Uint8ArrayWriter(), options);
  for (const [name, tensor] of tensors) {
    if (name === "") throw new ArgumentError("npz", "a tensor has an empty name, expected one with letters.");
    await zip.add(`${name}.npy`, new Uint8ArrayReader(await toNpy(tensor)));
  }
  return zip.close();
}

/**
 * The tensors of an npz file by name, as `numpy.savez` and `savez_compressed` write them; numbers become ours as in
 * `fromNpy`.
 *
 * Throws a `DataError` for what is no zip file, was cut off or is damaged (every part has a checksum).
 *
 * @example
 * ```ts
 * import { fromNpz, tensor, toNpz } from "gradbook";
 *
 * const file = await toNpz(new Map([["x", tensor([1, 2])], ["y", tensor([3])]]));
 * const { x, y } = Object.fromEntries(await fromNpz(file));
 * ```
 */
export async function fromNpz(file: Uint8Array, who = "npz"): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  for (const [name, part] of await unzipped(file, who)) {
    if (!name.endsWith(".npy")) throw new DataError(who, `it holds ${name}, expected npy files alone.`);
    const key = name.slice(0, -".npy".length);
    tensors.set(key, fromNpy(part, `${who}, ${key}`));
  }
  return tensors;
}

/** Loaded when it is needed: it takes longer to start than this library. */
function zipLibrary() {
  return import("@zip.js/zip.js");
}

async function unzipped(file: Uint8Array, who: string): Promise<Map<string, Uint8Array>> {
  const { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } = await zipLibrary();
  try {
    const zip = new ZipReader(new Uint8ArrayReader(file), { ...here, checkSignature: true });
    const parts = new Map<string, Uint8Array>();
    for (const entry of await zip.getEntries())
      if (!entry.directory) parts.set(entry.filename, await entry.getData(new Uint8ArrayWriter()));
    return parts;
  } catch (error) {
    const { message } = error as Error;
    const why = /signature|CRC|ratio|compressed/i.test(message)
      ? "its contents do not have the checksum that they were written with: it is damaged"
      : "this is no zip file, or it was cut off or damaged";
    throw new DataError(who, `${why}. numpy.savez or saveNpz(tensors, path) writes one.`);
  }
}

/** Writes tensors by name to an npz file, as a whole or not at all; `numpy.load` reads it. */
export async function saveNpz(
  tensors: ReadonlyMap<string, Tensor>,
  path: string,
  options: NpzOptions = {},
): Promise<void> {
  await writeWhole(path, [await toNpz(tensors, options)], "saveNpz");
}

/** The tensors of an npz file on disk, as `fromNpz` reads them. */
export async function loadNpz(path: string): Promise<Map<string, Tensor>> {
  return fromNpz(await readWhole(path, "loadNpz", "numpy.savez or saveNpz(tensors, path) writes one."), path);
}
