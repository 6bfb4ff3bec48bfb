import { homedir, join, node } from "../../device/node.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where downloads are kept: `gradbook` in the system's folder for caches, or in XDG_CACHE_HOME where that is set. */
export function cacheFolder(
  environment: Environment = node("process").env,
  platform: NodeJS.Platform = node("process").platform,
  home: string = homedir(),
): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = environment;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, "gradbook");
  if (platform === "win32") return join(LOCALAPPDATA || join(home, "AppData", "Local"), "gradbook", "Cache");
  if (platform === "darwin") return join(home, "Library", "Caches", "gradbook");
  return join(home, ".cache", "gradbook");
}

/** The user's own folder of data, where GRADBOOK_DATA names one. */
export function givenFolder(environment: Environment = node("process").env): string | undefined {
  return environment.GRADBOOK_DATA || undefined;
}
