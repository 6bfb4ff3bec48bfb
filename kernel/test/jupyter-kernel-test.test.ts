import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const python = "/usr/bin/python3";
const command = fileURLToPath(new URL("../bin/gradbook.js", import.meta.url));
const suite = fileURLToPath(new URL("python/kernel_test.py", import.meta.url));

const missing = spawnSync(python, ["-c", "import jupyter_kernel_test"]).status !== 0;
const how = "jupyter_kernel_test is missing. How to get it: apt-get install python3-jupyter-kernel-test";
if (missing) console.warn(`Skipped: ${how}`);

test.skipIf(missing && process.env.GRADBOOK_REQUIRE !== "all")(
  "jupyter_kernel_test passes, history included",
  async () => {
    if (missing) throw new Error(how);
    const data = await mkdtemp(join(tmpdir(), "gradbook-jupyter-"));
    const folder = join(data, "kernels", "gradbook-under-test");
    await mkdir(folder, { recursive: true });
    const spec = {
      argv: [process.execPath, command, "kernel", "--connection-file", "{connection_file}"],
      display_name: "Gradbook under test",
      language: "typescript",
      interrupt_mode: "message",
    };
    await writeFile(join(folder, "kernel.json"), JSON.stringify(spec));
    const { status, stderr } = spawnSync(python, [suite], {
      cwd: data,
      env: { ...process.env, JUPYTER_PATH: data },
      encoding: "utf8",
      timeout: 110_000,
    });
    expect(stderr).toContain("\nOK");
    expect(stderr).toMatch(/skipped=1\b/); // The pager is a feature of IPython.
    expect(status).toBe(0);
  },
  120_000,
);
