import { join, node, readFile, rm, stat } from "../../device/node.ts";
import { DataError } from "../../tensor/errors.ts";
import { signalOf } from "../../tensor/stop.ts";
import { checkDigest, shortDigest } from "./digest.ts";
import { type DownloadOptions, retrieve } from "./download.ts";
import { cacheFolder, givenFolder } from "./folders.ts";
import type { About, PublishedFile } from "./published.ts";

export interface SourceOptions {
  /** Stops a download; in a notebook the kernel's own signal does so without being named. */
  readonly signal?: AbortSignal;
}

/** Files checked in this process, as they were then: they are not read twice for that. */
const checked = new Map<string, string>();

/** What of a file changes when its bytes do, with the digest that they were checked against; null where there is none. */
async function stateOf(path: string, { digest }: PublishedFile): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? null : `${digest} ${found.size} ${found.mtimeNs}`;
}

/**
 * The first of some files, each of which would do, that lies in the folder GRADBOOK_DATA or in the cache; else the first
 * that can be downloaded. Its digest is checked wherever it comes from.
 */
export async function locate<F extends PublishedFile>(
  who: string,
  about: About | null,
  files: readonly F[],
  options: DownloadOptions = {},
): Promise<{ readonly file: F; readonly path: string }> {
  const given = givenFolder();
  for (const folder of given === undefined ? [cacheFolder()] : [given, cacheFolder()])
    for (const file of files) {
      const path = join(folder, file.place);
      const state = await stateOf(path, file);
      if (state === null) continue;
      if (checked.get(path) === state) return { file, path };
      const { right, found } = await checkDigest(path, file);
      if (right) {
        checked.set(path, state);
        return { file, path };
      }
      if (folder === given)
        throw new DataError(
          who,
          `${path} is damaged or another file: ${shortDigest(found)}…, expected ${shortDigest(file.digest)}…. Remove it, and it is downloaded.`,
        );
      await rm(path);
    }
  const file = files.find(({ urls }) => urls.length > 0);
  if (file === undefined)
    throw new DataError(who, `${files[0]!.place} cannot be downloaded. Set GRADBOOK_DATA to a folder that holds it.`);
  const path = join(cacheFolder(), file.place);
  await retrieve(who, file, path, { ...options, signal: signalOf(options.signal) });
  checked.set(path, (await stateOf(path, file))!);
  if (about !== null) credit(about, options);
  return { file, path };
}

/**
 * The path of a published file: in the folder GRADBOOK_DATA, in the cache, or downloaded into the cache. A broken download
 * goes on where it stopped; the bytes are checked against the digest.
 * @throws DataError when the file cannot be had, saying which file to put where, or when it is another than expected.
 */
export async function download(file: PublishedFile, options?: DownloadOptions): Promise<string> {
  return (await locate("download", null, [file], options)).path;
}

/** The bytes of a published file. */
export async function bytesOf(
  who: string,
  about: About,
  file: PublishedFile,
  options?: SourceOptions,
): Promise<Uint8Array> {
  return readFile((await locate(who, about, [file], options)).path);
}

const credited = new Set<string>();

/** Says once whom to thank, when a set has been downloaded. */
function credit({ name, licence, citation }: About, { screen = node("process").stderr }: DownloadOptions): void {
  if (credited.has(name)) return;
  credited.add(name);
  screen.write(`${name}: ${licence}. ${citation}.\n`);
}
