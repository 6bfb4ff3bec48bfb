import { constants, existsSync } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { isOurs } from "./install.ts";
import type { Surroundings } from "./jupyter-folders.ts";
import type { FoundKernelSpec, KernelSpec } from "./kernelspec.ts";

/** What keeps a kernel from being started by its kernelspec; nothing when its program is there. */
export async function problemOf({ spec }: FoundKernelSpec, { env }: Surroundings): Promise<string | undefined> {
  const [program] = spec.argv;
  if (program === undefined) return "it names no program";
  if (isAbsolute(program) ? !existsSync(program) : (await findProgram(program, env)) === undefined)
    return isAbsolute(program) ? `its program ${program} is not there` : `its program ${program} is not on the PATH`;
  const script = isOurs(spec) ? spec.argv.find((word) => word.endsWith("gradbook.js")) : undefined;
  if (script !== undefined && !existsSync(script)) return `its program ${script} is not there`;
  return undefined;
}

/** The version of the copy of Gradbook that one of our kernelspecs starts. */
export async function versionStarted(spec: KernelSpec): Promise<string | undefined> {
  const script = spec.argv.find((word) => word.endsWith("gradbook.js"));
  if (script === undefined) return undefined;
  try {
    const text = await readFile(join(dirname(dirname(script)), "package.json"), "utf8");
    return (JSON.parse(text) as { version?: string }).version;
  } catch {
    return undefined;
  }
}

/** Where a program lies on the PATH. */
export async function findProgram(name: string, env: Surroundings["env"]): Promise<string | undefined> {
  const endings = process.platform === "win32" ? (env.PATHEXT ?? ".EXE;.CMD;.BAT").split(";") : [""];
  for (const folder of (env.PATH ?? "").split(delimiter))
    for (const ending of folder === "" ? [] : endings) {
      const path = join(folder, name + ending);
      if (
        await access(path, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return path;
    }
  return undefined;
}
