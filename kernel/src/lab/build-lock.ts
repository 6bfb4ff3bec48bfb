import { readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** How often it is looked whether the lock is free, and shown that it is held. */
const lookEvery = 250;
const showEvery = 10_000;
/** Whoever has not shown that it lives for so long counts as gone: its process number may be another's by now. */
const longestSilence = 300_000;

/** The files whose locks this process holds. */
const own = new Set<string>();

/** A program that holds the lock, and those that it has started: while one of them runs, the work goes on. */
export interface Holder {
  /** Counts a process as a holder, too. */
  add(pid: number): Promise<void>;
}

/**
 * Does some work while no other process does it. A file says which processes hold the lock; that of a program that was
 * killed counts for nothing. @param waits is told once, when another process is at work, which one and in which file
 * that stands
 */
export async function oneAtATime<Result>(
  file: string,
  waits: (pid: number) => void,
  work: (holder: Holder) => Promise<Result>,
): Promise<Result> {
  let told = false;
  while (!(await taken(file))) {
    const held = await readFile(file, "utf8").catch(() => undefined);
    if (held === undefined) continue;
    if (!(await isHeld(file, held))) await takeAway(file, held);
    else {
      if (!told) waits(Number(held.split(" ")[0]));
      told = true;
      await delay(lookEvery);
    }
  }
  own.add(file);
  const pids = [process.pid];
  const showing = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => {}), showEvery);
  try {
    return await work({
      add: async (pid) => {
        pids.push(pid);
        await writeFile(file, pids.join(" "));
      },
    });
  } finally {
    clearInterval(showing);
    own.delete(file);
    await rm(file, { force: true });
  }
}

/** Takes the lock if nobody has it. */
async function taken(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function isHeld(file: string, held: string): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined);
  if (!stats) return false;
  const silence = Date.now() - stats.mtimeMs;
  // A file is empty for a moment when it has just been made.
  if (held === "") return silence < showEvery;
  return silence < longestSilence && held.split(" ").some((pid) => runs(Number(pid), own.has(file)));
}

/** Takes away the lock of a process that is gone, but not one that somebody has taken in the meantime. */
async function takeAway(file: string, held: string): Promise<void> {
  const aside = `${file}.${process.pid}`;
  try {
    await rename(file, aside);
  } catch {
    // Another process was first.
    return;
  }
  if ((await readFile(aside, "utf8").catch(() => held)) === held) await rm(aside, { force: true });
  else await rename(aside, file);
}

function runs(pid: number, isOurs: boolean): boolean {
  // Where this process does not hold the lock, its number was another's before.
  if (pid === process.pid) return isOurs;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user may not be asked, but runs.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
