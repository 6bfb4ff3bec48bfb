/// <reference path="./seek-bzip.d.ts" />
import type * as Nanotar from "nanotar";
import type SeekBzip from "seek-bzip";
import xz from "xz-decompress";
import { gunzipSync } from "../../device/node.ts";
import { DataError } from "../../tensor/errors.ts";
import { required } from "./required.ts";

/** The files of an archive by path, those alone that are wanted. */
export type Archive = ReadonlyMap<string, Uint8Array>;

/** A `.gz` file, unpacked. */
export function gunzip(who: string, file: Uint8Array): Uint8Array {
  return attempt(who, "gzip", () => gunzipSync(file));
}

/** A `.bz2` file, unpacked. */
export function bunzip(who: string, file: Uint8Array): Uint8Array {
  const { decode } = required<typeof SeekBzip>("seek-bzip");
  return attempt(who, "bzip2", () => decode(file));
}

/** An `.xz` file, unpacked. */
export async function unxz(who: string, file: Uint8Array): Promise<Uint8Array> {
  try {
    const stream = new xz.XzReadableStream(new Blob([file as Uint8Array<ArrayBuffer>]).stream() as ReadableStream);
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    throw new DataError(who, "the xz file is damaged.");
  }
}

/** The files of a zip archive, checked by their own sums. */
export async function unzip(who: string, file: Uint8Array, wanted: (path: string) => boolean): Promise<Archive> {
  // Loaded when it is needed: it takes longer to start than this library.
  const { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } = await import("@zip.js/zip.js");
  try {
    const zip = new ZipReader(new Uint8ArrayReader(file), { useWebWorkers: false, checkSignature: true });
    const files = new Map<string, Uint8Array>();
    for (const entry of await zip.getEntries())
      if (!entry.directory && wanted(entry.filename))
        files.set(entry.filename, await entry.getData(new Uint8ArrayWriter()));
    return files;
  } catch {
    throw new DataError(who, "the zip file is damaged.");
  }
}

/** The files of a tar archive. */
export function untar(who: string, file: Uint8Array, wanted: (path: string) => boolean): Archive {
  const { parseTar } = required<typeof Nanotar>("nanotar");
  const entries = attempt(who, "tar", () =>
    parseTar(file, { filter: ({ type, name }) => type === "file" && wanted(name) }),
  );
  return new Map(entries.map(({ name, data }) => [name.replace(/^\.\//, ""), data ?? new Uint8Array()]));
}

/** The file at a path of an archive. */
export function fileIn(who: string, archive: Archive, path: string): Uint8Array {
  const file = archive.get(path);
  if (file === undefined) throw new DataError(who, `the archive has no file ${path}.`);
  return file;
}

function attempt<T>(who: string, kind: string, body: () => T): T {
  try {
    return body();
  } catch {
    throw new DataError(who, `the ${kind} file is damaged.`);
  }
}
