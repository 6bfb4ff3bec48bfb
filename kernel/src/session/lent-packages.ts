import { existsSync } from "node:fs";
import { dirname, join, parse } from "node:path";
import { fileURLToPath } from "node:url";
import type * as TypeScript from "@tslab/typescript-for-tslab";

/** Those of them that completion offers; the others are there for these. */
const offered = ["gradbook", "@gradbook"];
const installed = dirname(fileURLToPath(import.meta.url));

/**
 * Lends the packages of the kernel's installation to the type checker, as though they lay in `node_modules` at the root
 * of the file system: the last place in which every folder looks. A notebook anywhere finds what came with the kernel,
 * a package of its own goes first, and types that the checker writes down can name the package they come from.
 */
export function lendPackages(system: TypeScript.System): void {
  const root = join(parse(installed).root, "node_modules");
  const homes = new Map<string, string | undefined>();

  const homeOf = (name: string): string | undefined => {
    if (!homes.has(name))
      homes.set(
        name,
        ancestors(installed)
          .map((at) => join(at, "node_modules", name))
          .find(existsSync),
      );
    return homes.get(name);
  };
  /** Where a lent path really lies; other paths as they are. */
  const real = (path: string): string => {
    if (!path.startsWith(`${root}/`)) return path;
    const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(path.slice(root.length + 1)) ?? [];
    const home = name === undefined ? undefined : homeOf(name);
    return home === undefined ? path : home + rest;
  };

  const { fileExists, readFile, directoryExists, getDirectories, readDirectory, realpath, getModifiedTime } = system;
  system.fileExists = (path) => fileExists(real(path));
  system.readFile = (path, encoding) => readFile(real(path), encoding);
  system.directoryExists = (path) =>
    path === root ||
    directoryExists(real(path)) ||
    ancestors(installed).some(
      (at) => path.startsWith(`${root}/@`) && existsSync(join(at, "node_modules", path.slice(root.length + 1))),
    );
  system.getDirectories = (path) =>
    path === root ? offered.filter((name) => homeOf(name) !== undefined) : getDirectories(real(path));
  system.readDirectory = (path, ...rest) => readDirectory(real(path), ...rest);
  if (realpath) system.realpath = (path) => (real(path) === path ? realpath(path) : path);
  if (getModifiedTime) system.getModifiedTime = (path) => getModifiedTime(real(path));
}

/** A folder and all those above it. */
function ancestors(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...ancestors(above)];
}
