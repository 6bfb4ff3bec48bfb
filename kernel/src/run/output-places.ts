import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Problem } from "../problem.ts";

/** Where each notebook's executed copy goes; refuses what would overwrite a notebook or another's output. */
export function outputsFor(
  notebooks: readonly string[],
  { output, inplace }: { output?: string; inplace?: boolean },
): string[] {
  if (inplace && output !== undefined) throw new Problem("--inplace and -o: they contradict each other. Give one.");
  if (inplace) return notebooks.map((path) => resolve(path));
  const toFolder =
    output !== undefined &&
    (notebooks.length > 1 || /[\\/]$/.test(output) || (existsSync(output) && statSync(output).isDirectory()));
  const taken = new Map<string, string>();
  return notebooks.map((path) => {
    const out = toFolder ? join(output, basename(path)) : (output ?? join(dirname(path), "executed.ipynb"));
    const full = resolve(out);
    if (full === resolve(path))
      throw new Problem(
        `${path}: the executed notebook would overwrite it. Give another file with -o, or say --inplace.`,
      );
    const other = taken.get(full);
    if (other !== undefined)
      throw new Problem(`${path} and ${other} would both be saved as ${out}. Run them one at a time with -o FILE.`);
    taken.set(full, path);
    return full;
  });
}
