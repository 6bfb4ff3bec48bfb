import { randomUUID } from "node:crypto";
import { chmod, chown, link, lstat, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { removeOldDrafts } from "./old-drafts.ts";

/** A hidden name beside a file, for what is to become the file. */
export function draftOf(file: string): string {
  // Cut, so that a name that just fits has a draft that fits, too.
  return join(dirname(file), `.~${basename(file).slice(0, 50)}.${randomUUID()}`);
}

/** Puts a draft in a file's place, at once; the file's owner and permissions are kept. The draft is gone in any case. */
export async function replaceBy(draft: string, file: string): Promise<void> {
  try {
    const before = await stat(file).catch(() => undefined);
    if (before) {
      // Only root may give files away. A file that becomes ours is better than one that cannot be saved.
      await chown(draft, before.uid, before.gid).catch(() => {});
      await chmod(draft, before.mode);
    }
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Puts a draft where nothing is yet. The draft may stay. @throws EEXIST when something is there. */
export async function placeNew(draft: string, file: string): Promise<void> {
  try {
    // Unlike renaming, linking never takes another file's place.
    await link(draft, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || code === "ENOENT") throw error;
    // Some file systems have no links.
    if (await lstat(file).catch(() => undefined)) throw Object.assign(new Error("It exists."), { code: "EEXIST" });
    await rename(draft, file);
  }
}

/** Writes a file beside another one, down to the disk. @returns the draft */
export async function writeDraft(file: string, data: string | Uint8Array): Promise<string> {
  const draft = draftOf(file);
  try {
    const handle = await open(draft, "wx");
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return draft;
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}

/** Writes a file whole or not at all: whoever reads it, even after a crash, finds the old content or the new one. */
export async function writeWhole(file: string, data: string | Uint8Array): Promise<void> {
  await replaceBy(await writeDraft(file, data), file);
  await removeOldDrafts(dirname(file));
}

/** The same for a file that must not be there yet. @throws EEXIST when it is. */
export async function writeNew(file: string, data: string | Uint8Array): Promise<void> {
  const draft = await writeDraft(file, data);
  try {
    await placeNew(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
  await removeOldDrafts(dirname(file));
}
