import { basename, dirname, join, node, readdir, rename, rm } from "../../device/node.ts";

/**
 * Takes what has come of a file, left by a download that stopped or by a process that is no more, under a name that no
 * other process writes to; of two that want it one gets it.
 */
export async function claimPart(path: string): Promise<string> {
  const own = `${path}.${node("process").pid}-${node("worker_threads").threadId}.part`;
  for (const left of await leftovers(path))
    if (
      await rename(left, own).then(
        () => true,
        () => false,
      )
    )
      break;
  return own;
}

/** Leaves what has come to whoever goes on. */
export async function leavePart(own: string, path: string): Promise<void> {
  await rename(own, `${path}.part`).catch(() => {});
}

/** Clears away what is left when the file is there. */
export async function removeParts(path: string): Promise<void> {
  for (const left of await leftovers(path)) await rm(left, { force: true });
}

/** Parts that nobody writes to. */
async function leftovers(path: string): Promise<readonly string[]> {
  const start = `${basename(path)}.`;
  const names = await readdir(dirname(path)).catch(() => [] as string[]);
  return names
    .filter((name) => name.startsWith(start) && left(name.slice(start.length)))
    .map((name) => join(dirname(path), name));
}

function left(ending: string): boolean {
  if (ending === "part") return true;
  const owner = /^(\d+)-\d+\.part$/.exec(ending);
  return owner !== null && !runs(Number(owner[1]));
}

/** Whether there is a process of this number. */
function runs(process: number): boolean {
  try {
    node("process").kill(process, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
