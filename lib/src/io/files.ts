import type { FileHandle } from "node:fs/promises";
import { dirname, node, open, rename, rm } from "../device/node.ts";
import { DataError } from "../tensor/errors.ts";

let written = 0;

/**
 * Writes a file as a whole or not at all: beside its place first, then moved there, so that whoever looks finds the old
 * file or the new one, also after a crash.
 */
export async function writeWhole(
  path: string,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  who: string,
): Promise<void> {
  const beside = `${path}.${node("process").pid}-${written++}.part`;
  let file: FileHandle | null = null;
  try {
    file = await open(beside, "w");
    for await (const part of parts) await writeAll(file, part);
    await file.sync();
    await file.close();
    file = null;
    await rename(beside, path);
  } catch (error) {
    await file?.close().catch(() => {});
    await rm(beside, { force: true });
    throw refused(error, path, who);
  }
  await syncFolder(dirname(path));
}

async function writeAll(file: FileHandle, part: Uint8Array): Promise<void> {
  for (let at = 0; at < part.length; ) at += (await file.write(part, at, part.length - at)).bytesWritten;
}

/** Makes a change of names last, where the system can; Windows has no such thing. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path === "" ? "." : path, "r").catch(() => null);
  await folder?.sync().catch(() => {});
  await folder?.close().catch(() => {});
}

/** Some bytes of an open file. */
export async function readPart(file: FileHandle, from: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const { bytesRead } = await file.read(bytes, at, length - at, from + at);
    if (bytesRead === 0) return bytes.subarray(0, at);
    at += bytesRead;
  }
  return bytes;
}

/** What is done with an open file, which is closed whatever happens. */
export async function withFile<T>(
  path: string,
  who: string,
  hint: string,
  read: (file: FileHandle, length: number) => Promise<T>,
): Promise<T> {
  const file = await open(path, "r").catch((error: unknown) => {
    throw refused(error, path, who, hint);
  });
  try {
    const found = await file.stat();
    if (found.isDirectory()) throw new DataError(who, `${path} is a folder, expected a file. ${hint}`);
    return await read(file, found.size);
  } finally {
    await file.close();
  }
}

/** All bytes of a file. */
export function readWhole(path: string, who: string, hint: string): Promise<Uint8Array> {
  return withFile(path, who, hint, (file, length) => readPart(file, 0, length));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOSPC: "no space is left",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is no folder",
  EROFS: "the file system is read-only",
};

function refused(error: unknown, path: string, who: string, hint = ""): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const why = code === "ENOENT" && hint === "" ? "there is no such folder" : (reasons[code] ?? code);
  return new DataError(who, `${path}: ${why}.${hint === "" ? "" : ` ${hint}`}`);
}
