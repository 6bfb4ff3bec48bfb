import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownKernelSpec } from "../../src/install/kernelspec.ts";
import { python } from "../run/debian-python.ts";

export interface SuiteResult {
  /** The exit status; null when it took too long. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a Python program that drives our kernel through Jupyter's own client, which knows it as `gradbook-under-test`. */
export async function runSuite(program: string, words: readonly string[], timeout: number): Promise<SuiteResult> {
  const data = await mkdtemp(join(tmpdir(), "gradbook-jupyter-"));
  const folder = join(data, "kernels", "gradbook-under-test");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "kernel.json"), JSON.stringify(ownKernelSpec()));
  try {
    return await new Promise((resolve) => {
      const child = execFile(
        python,
        [program, ...words],
        { cwd: data, env: { ...process.env, JUPYTER_PATH: data }, timeout },
        (_error, stdout, stderr) => resolve({ status: child.exitCode, stdout, stderr }),
      );
    });
  } finally {
    await rm(data, { recursive: true, force: true, maxRetries: 5 });
  }
}
