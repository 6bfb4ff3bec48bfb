import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** A draft this old belongs to no save any more: whoever wrote it was killed. In milliseconds. */
const OLD = 60 * 60 * 1000;

const draft = /^\.~.*\.[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** When each folder was looked through. */
const looked = new Map<string, number>();

/** Removes drafts that a killed server has left in a folder; it looks there when a file is saved, once an hour at most. */
export async function removeOldDrafts(folder: string): Promise<void> {
  const now = Date.now();
  if (now - (looked.get(folder) ?? Number.NEGATIVE_INFINITY) < OLD) return;
  looked.set(folder, now);
  // A save is not to fail because of what lies beside it.
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!draft.test(name)) continue;
    const file = join(folder, name);
    const found = await lstat(file).catch(() => undefined);
    if (found?.isFile() && now - found.mtimeMs > OLD) await rm(file, { force: true }).catch(() => {});
  }
}
