import { dirname, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Sources } from "./sources.ts";

/** The kernel's own code never belongs in a user's stack. */
const kernelFolder = dirname(dirname(fileURLToPath(import.meta.url))) + sep;

/** The path of a file given by path or URL. */
export function pathOf(file: string): string {
  return file.startsWith("file://") ? fileURLToPath(file) : file;
}

/** Whether a file is part of the kernel. */
export function isKernelFile(path: string): boolean {
  return path.startsWith(kernelFolder);
}

/** How a place in converted code is written in a stack; `placePattern` reads it. */
export function placeText(name: string, line: number, column: number): string {
  return `${name}, line ${line}:${column + 1}`;
}

/** Matches what `placeText` writes. */
export const placePattern = /^(.+), line (\d+):(\d+)$/;

/** Makes `error.stack` speak of cells and their lines, wherever a user prints it, and leaves the kernel out. */
export function installReadableStacks(sources: Sources): void {
  Error.prepareStackTrace = (error, sites) => {
    const frames = sites.flatMap((site) => {
      const file = pathOf(site.getFileName() ?? "<anonymous>");
      return isKernelFile(file) ? [] : [{ isNodes: file.startsWith("node:"), text: frameText(site, file, sources) }];
    });
    // Below the user's last frame there is only how Node came to call it.
    const last = frames.findLastIndex((frame) => !frame.isNodes);
    const shown = last < 0 ? frames : frames.slice(0, last + 1);
    return [headerOf(error), ...shown.map((frame) => `    at ${frame.text}`)].join("\n");
  };
}

// Not `String(site)`: it asks for the type of `this`, and V8 aborts when a debugger has been at the frame.
function frameText(site: NodeJS.CallSite, file: string, sources: Sources): string {
  if (site.isPromiseAll()) return `async Promise.all (index ${site.getPromiseIndex()})`;
  const [line, column] = [site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0];
  const place = sources.placeOf(file, line, column);
  const where = place ? placeText(place.source.name, place.line, place.column) : `${file}:${line}:${column}`;
  const kind = site.isAsync() ? "async " : site.isConstructor() ? "new " : "";
  const name = site.getFunctionName();
  return name ? `${kind}${name} (${where})` : `${site.isAsync() ? kind : ""}${where}`;
}

function headerOf(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}
