import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const python = "/usr/bin/python3";
const command = fileURLToPath(new URL("../../bin/gradbook.js", import.meta.url));
const suite = fileURLToPath(new URL("debugger_test.py", import.meta.url));

const missing = spawnSync(python, ["-c", "import jupyter_client, ipykernel.compiler"]).status !== 0;
const how =
  "jupyter_client or ipykernel is missing. How to get them: apt-get install python3-jupyter-client python3-ipykernel";
if (missing) console.warn(`Skipped: ${how}`);

const groups = ["Attaching", "Breakpoints", "Stepping", "Looking", "Exceptions", "WhileStopped"];

describe("the debugger, driven by jupyter_client", () => {
  test.skipIf(missing && process.env.GRADBOOK_REQUIRE !== "all").each(groups)(
    "%s",
    async (group) => {
      if (missing) throw new Error(how);
      const data = await mkdtemp(join(tmpdir(), "gradbook-jupyter-"));
      const folder = join(data, "kernels", "gradbook-under-test");
      await mkdir(folder, { recursive: true });
      const spec = {
        argv: [process.execPath, command, "kernel", "--connection-file", "{connection_file}"],
        display_name: "Gradbook under test",
        language: "typescript",
        interrupt_mode: "message",
        metadata: { debugger: true },
      };
      await writeFile(join(folder, "kernel.json"), JSON.stringify(spec));
      const { status, stderr } = spawnSync(python, [suite, group], {
        cwd: data,
        env: { ...process.env, JUPYTER_PATH: data },
        encoding: "utf8",
        timeout: 230_000,
      });
      expect(stderr).toMatch(/\nRan \d+ tests in .*\n\nOK/);
      expect(status).toBe(0);
    },
    240_000,
  );
});
