/** This file's address: none in a script that is no module. */
const here = (import.meta as { readonly url?: string }).url ?? "";
/** Where this library's own files lie, so that their frames can be left out of stacks; nowhere, once they are bundled. */
const home = /^(.*\/)device\/own-frames\.[jt]s$/.exec(here)?.[1] ?? null;
const homePath = home?.startsWith("file://") ? decodeURIComponent(home.slice("file://".length)) : home;

/** Whether a line of a stack is of this library itself. */
export function isOwnFrame(line: string): boolean {
  return home !== null && (line.includes(home) || line.includes(homePath ?? home));
}
