import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dataFolders, type Surroundings, surroundings } from "./jupyter-folders.ts";

/** How a kernel is started: the contents of a `kernel.json`. */
export interface KernelSpec {
  argv: string[];
  display_name: string;
  language: string;
  interrupt_mode?: "signal" | "message";
  env?: Record<string, string>;
  metadata?: Record<string, unknown>;
}

/** A kernelspec with its name and, unless it is the built-in one, the folder it was found in. */
export interface FoundKernelSpec {
  name: string;
  folder?: string;
  spec: KernelSpec;
  /** Variables for its process beside those of its kernelspec. */
  env?: Record<string, string>;
}

/** The name under which our kernel is known and installed. */
export const OWN_NAME = "gradbook";

/** The program that starts our kernel. */
export const programFile = fileURLToPath(new URL("../../bin/gradbook.js", import.meta.url));

/** The folder of our kernel's logos: from src as well as from dist, two folders up is the package. */
export const logoFolder = fileURLToPath(new URL("../../src/install/logo/", import.meta.url));

/** The kernelspec of this very copy of Gradbook; absolute paths, so that it starts from any folder and any PATH. */
export function ownKernelSpec(): KernelSpec {
  return {
    argv: [process.execPath, programFile, "kernel", "--connection-file", "{connection_file}"],
    display_name: "TypeScript (Gradbook)",
    language: "typescript",
    interrupt_mode: "message",
    env: {},
    metadata: { debugger: true },
  };
}

/** Finds all installed kernelspecs the way Jupyter does: of two with one name, the first folder's wins. */
export async function findKernelSpecs(around: Surroundings = surroundings()): Promise<FoundKernelSpec[]> {
  const found = new Map<string, FoundKernelSpec>();
  for (const data of dataFolders(around)) {
    const kernels = join(data, "kernels");
    const folders = await readdir(kernels).catch(() => []);
    for (const name of folders.sort()) {
      const known = name.toLowerCase();
      const spec = found.has(known) ? undefined : await readKernelSpec(join(kernels, name));
      if (spec) found.set(known, { name: known, folder: join(kernels, name), spec });
    }
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** Reads the kernelspec in a folder; undefined when there is none that a kernel could be started from. */
export async function readKernelSpec(folder: string): Promise<KernelSpec | undefined> {
  try {
    const spec = JSON.parse(await readFile(join(folder, "kernel.json"), "utf8")) as Partial<KernelSpec>;
    if (!Array.isArray(spec.argv) || !spec.argv.every((word) => typeof word === "string")) return undefined;
    return { ...spec, argv: spec.argv, display_name: spec.display_name ?? "", language: spec.language ?? "" };
  } catch {
    return undefined;
  }
}
