import { existsSync } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { Problem } from "../problem.ts";
import { activePrefix, prefixDataFolder, type Surroundings, surroundings, userDataFolder } from "./jupyter-folders.ts";
import { type KernelSpec, logoFolder, OWN_NAME, ownKernelSpec, programFile, readKernelSpec } from "./kernelspec.ts";

/** Where a kernelspec goes: the user's folder unless a prefix, or the active Python environment, is asked for. */
export interface InstallPlace {
  prefix?: string;
  sysPrefix?: boolean;
  /** The kernelspec's name, `gradbook` unless given. */
  name?: string;
}

/** An installation that is not possible as asked. */
export class InstallError extends Problem {
  override readonly name = "InstallError";
}

const LOGOS = ["logo-64x64.png", "logo-svg.svg"];

/**
 * Writes the kernelspec of this copy of Gradbook for Jupyter to find.
 * @returns the folder written.
 * @throws InstallError when the name or place will not do.
 */
export async function install(place: InstallPlace = {}, around: Surroundings = surroundings()): Promise<string> {
  const folder = kernelFolder(place, around);
  const there = await readKernelSpec(folder);
  if (there && !isOurs(there))
    throw new InstallError(
      `install: ${folder} holds the kernelspec of another kernel (${there.display_name}). Choose another name: gradbook install --name NAME`,
    );
  await writing("install", folder, async () => {
    await makeFolder(folder);
    await writeFile(join(folder, "kernel.json"), `${JSON.stringify(ownKernelSpec(), null, 2)}\n`);
    for (const logo of LOGOS) await copyFile(join(logoFolder, logo), join(folder, logo));
  });
  return folder;
}

/**
 * Removes an installed kernelspec of Gradbook, and no other's.
 * @returns the folder removed.
 * @throws InstallError when there is none in that place, or it starts another kernel.
 */
export async function uninstall(place: InstallPlace = {}, around: Surroundings = surroundings()): Promise<string> {
  const folder = kernelFolder(place, around);
  const spec = await readKernelSpec(folder);
  if (!spec)
    throw new InstallError(`uninstall: ${folder} holds no kernelspec. Those installed are listed by: gradbook list`);
  if (!isOurs(spec))
    throw new InstallError(
      `uninstall: the kernelspec in ${folder} starts another kernel (${spec.display_name}). To remove it: jupyter kernelspec remove NAME`,
    );
  await writing("uninstall", folder, () => rm(folder, { recursive: true }));
  return folder;
}

/** Whether this copy lies in npx's cache, which npm may empty: a kernelspec pointing there would not last. */
export function liesInCache(program: string = programFile): boolean {
  return program.split(sep).includes("_npx");
}

function kernelFolder(place: InstallPlace, around: Surroundings): string {
  const name = place.name ?? OWN_NAME;
  if (!/^[a-z0-9._-]+$/i.test(name))
    throw new InstallError(
      `install: the name ${JSON.stringify(name)} has other signs than letters, digits, ".", "-" and "_". Jupyter allows only those.`,
    );
  return join(dataFolder(place, around), "kernels", name.toLowerCase());
}

function dataFolder(place: InstallPlace, around: Surroundings): string {
  if (place.prefix !== undefined) return prefixDataFolder(place.prefix, around);
  if (!place.sysPrefix) return userDataFolder(around);
  const prefix = activePrefix(around);
  if (prefix === undefined)
    throw new InstallError(
      "install --sys-prefix: no Python environment is active (VIRTUAL_ENV and CONDA_PREFIX are unset). Activate it, or name its folder: --prefix DIR",
    );
  return prefixDataFolder(prefix, around);
}

// Node's own way to make a folder with all above it never ends where the system refuses one, as in /proc.
async function makeFolder(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  await makeFolder(dirname(folder));
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

/** Turns the system's refusal to let a folder be changed into words. */
async function writing(what: string, folder: string, change: () => Promise<unknown>): Promise<void> {
  const reasons: Record<string, string> = {
    EACCES: "you may not write there",
    EPERM: "you may not write there",
    EROFS: "it lies on a file system that cannot be written",
    ENOTDIR: "a part of that path is a file",
    EEXIST: "a part of that path is a file",
    ENOENT: "there can be no such folder",
    ENOSPC: "the disk is full",
  };
  try {
    await change();
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ""];
    if (reason === undefined) throw error;
    throw new InstallError(
      `${what}: ${folder} cannot be changed: ${reason}. Choose another place (--user, --prefix DIR or --sys-prefix), or ask whoever may write there.`,
    );
  }
}

/** Whether a kernelspec starts this kernel, of whatever copy. */
export function isOurs(spec: KernelSpec): boolean {
  return spec.argv.some((word) => /[\\/]gradbook\.js$/.test(word)) && spec.argv.includes("kernel");
}
