import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type KernelSpec, ownKernelSpec } from "../src/install/kernelspec.ts";
import { python, pythonHas } from "./run/debian-python.ts";

const available = pythonHas("jupyter_kernel_test", "python3-jupyter-kernel-test");

interface Verdict {
  readonly passed: number;
  readonly skipped: number;
  readonly failed: readonly string[];
}

describe.skipIf(!available)("jupyter_kernel_test", () => {
  let data: string;
  const verdicts = new Map<string, Verdict>();
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), "gradbook-jupyter-"));
  });
  afterAll(() => rm(data, { recursive: true, force: true, maxRetries: 5 }));

  /** Runs the suite of a file in python/ against a kernel, and reads unittest's report. */
  async function judge(kernel: string, spec: KernelSpec, suite: string): Promise<Verdict> {
    const folder = join(data, "kernels", kernel);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "kernel.json"), JSON.stringify(spec));
    const { stderr } = spawnSync(python, [fileURLToPath(new URL(`python/${suite}`, import.meta.url))], {
      cwd: data,
      // A home of its own: the history of the one who runs the tests stays as it is.
      env: { ...process.env, HOME: data, JUPYTER_PATH: data, IPYTHONDIR: join(data, "ipython") },
      encoding: "utf8",
      timeout: 170_000,
    });
    // Tests that print put their verdict on a line of its own.
    const count = (verdict: RegExp) => stderr.match(verdict)?.length ?? 0;
    const verdict = {
      passed: count(/(?:\.\.\. |^)ok$/gm),
      skipped: count(/(?:\.\.\. |^)skipped /gm),
      failed: [...stderr.matchAll(/^(?:FAIL|ERROR): (\w+).*$/gm)].map((match) => match[1]!),
    };
    verdicts.set(kernel, verdict);
    expect(stderr).toMatch(/^Ran \d+ tests/m);
    return verdict;
  }

  test("passes, history included", async () => {
    const verdict = await judge("gradbook-under-test", ownKernelSpec(), "kernel_test.py");
    // The pager is a feature of IPython.
    expect(verdict).toEqual({ passed: expect.any(Number), skipped: 1, failed: [] });
    expect(verdict.passed).toBeGreaterThan(10);
  }, 180_000);

  test.skipIf(!available || !pythonHas("ipykernel", "python3-ipykernel"))(
    "is run for ipykernel too, and printed beside ours",
    async () => {
      const spec = {
        argv: [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        display_name: "ipykernel",
        language: "python",
      };
      await judge("ipykernel-to-compare", spec, "ipykernel_test.py");
      const lines = [...verdicts].map(([kernel, { passed, skipped, failed }]) => {
        const wrong = failed.length > 0 ? `, failed ${failed.join(", ")}` : "";
        return `  ${kernel.padEnd(22)} ${passed} passed, ${skipped} skipped${wrong}`;
      });
      console.log(`jupyter_kernel_test:\n${lines.join("\n")}`);
      expect(verdicts.size).toBe(2);
    },
    180_000,
  );
});
