import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import type { FoundKernelSpec } from "../../src/install/kernelspec.ts";

const program = fileURLToPath(new URL("scripted-kernel.mjs", import.meta.url));

/** The kernelspec of the scripted kernel. */
export const scripted: FoundKernelSpec = {
  name: "scripted",
  spec: {
    argv: [process.execPath, program, "{connection_file}"],
    display_name: "Scripted",
    language: "steps",
    interrupt_mode: "message",
  },
};

/** A step of a cell: a verb of the scripted kernel and its words. */
export type Step = [verb: string, ...words: unknown[]];

/** The code of a cell. */
export const code = (...steps: Step[]): string => JSON.stringify(steps);

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new empty folder, removed when the file's tests are over. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gradbook-test-"));
  folders.push(folder);
  return folder;
}

/** A Jupyter data folder with the scripted kernel in it, for JUPYTER_PATH. */
export function jupyterFolder(env: Record<string, string> = {}): string {
  const folder = newFolder();
  const kernel = join(folder, "kernels", "scripted");
  mkdirSync(kernel, { recursive: true });
  writeFileSync(join(kernel, "kernel.json"), JSON.stringify({ ...scripted.spec, env }));
  return folder;
}

/** A notebook file as other tools write it: nbformat 4.4, so without cell ids. */
export function notebookJson(kernel: string, cells: (string | { source: string; tags: string[] })[]): string {
  return JSON.stringify({
    nbformat: 4,
    nbformat_minor: 4,
    metadata: { kernelspec: { name: kernel, display_name: kernel } },
    cells: cells.map((cell) => ({
      cell_type: "code",
      execution_count: 7,
      metadata: typeof cell === "string" ? {} : { tags: cell.tags },
      outputs: [{ output_type: "stream", name: "stdout", text: ["of an earlier run\n"] }],
      source: typeof cell === "string" ? cell : cell.source,
    })),
  });
}

/** Reads JSON whose shape the test knows. */
export const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, "utf8")) as T;
