import { homedir } from "node:os";
import { posix, win32 } from "node:path";

/** What the folders depend on. Passed in, so that the rules of every system can be tested on one. */
export interface Surroundings {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  home: string;
}

/** The surroundings of this process. */
export function surroundings(): Surroundings {
  return { platform: process.platform, env: process.env, home: homedir() };
}

/** The user's own Jupyter data folder. */
export function userDataFolder({ platform, env, home }: Surroundings): string {
  const { join } = pathsOf(platform);
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  if (platform === "darwin") return join(home, "Library", "Jupyter");
  if (platform === "win32") return env.APPDATA ? join(env.APPDATA, "jupyter") : join(home, ".jupyter", "data");
  return join(env.XDG_DATA_HOME || join(home, ".local", "share"), "jupyter");
}

/** The user's own Jupyter settings folder. */
export function userConfigFolder({ platform, env, home }: Surroundings): string {
  return env.JUPYTER_CONFIG_DIR || pathsOf(platform).join(home, ".jupyter");
}

/** The Jupyter data folder under a prefix such as `/usr/local` or a virtual environment. */
export function prefixDataFolder(prefix: string, { platform }: Surroundings): string {
  return pathsOf(platform).join(prefix, "share", "jupyter");
}

/** The prefix of the active Python environment (venv, virtualenv or conda), if there is one. */
export function activePrefix({ env }: Surroundings): string | undefined {
  return env.VIRTUAL_ENV || env.CONDA_PREFIX || undefined;
}

/** All Jupyter data folders, the one that wins first. */
export function dataFolders(around: Surroundings): string[] {
  const { platform, env } = around;
  const { join, delimiter } = pathsOf(platform);
  const listed = (env.JUPYTER_PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const prefix = activePrefix(around);
  const system =
    platform === "win32"
      ? [join(env.PROGRAMDATA || "C:\\ProgramData", "jupyter")]
      : ["/usr/local/share/jupyter", "/usr/share/jupyter"];
  const folders = [...listed, ...(prefix ? [prefixDataFolder(prefix, around)] : []), userDataFolder(around), ...system];
  return [...new Set(folders)];
}

function pathsOf(platform: NodeJS.Platform): typeof posix {
  return platform === "win32" ? win32 : posix;
}
