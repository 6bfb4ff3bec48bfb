import { execFile, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const python = "/usr/bin/python3";
const command = fileURLToPath(new URL("../../bin/gradbook.js", import.meta.url));
const suite = fileURLToPath(new URL("../python/comms_test.py", import.meta.url));

const missing = spawnSync(python, ["-c", "import jupyter_client, nbclient, nbformat"]).status !== 0;
const how =
  "jupyter_client or nbclient is missing. How to get them: apt-get install jupyter-client python3-nbclient python3-nbformat";
if (missing) console.warn(`Skipped: ${how}`);

test.skipIf(missing && process.env.GRADBOOK_REQUIRE !== "all")(
  "comms and widgets work with Python's jupyter_client and nbclient",
  async () => {
    if (missing) throw new Error(how);
    const data = await mkdtemp(join(tmpdir(), "gradbook-comms-"));
    const folder = join(data, "kernels", "gradbook-under-test");
    await mkdir(folder, { recursive: true });
    const spec = {
      argv: [process.execPath, command, "kernel", "--connection-file", "{connection_file}"],
      display_name: "Gradbook under test",
      language: "typescript",
      interrupt_mode: "message",
    };
    await writeFile(join(folder, "kernel.json"), JSON.stringify(spec));
    const said = await new Promise<string>((resolve) => {
      const env = { ...process.env, JUPYTER_PATH: data };
      execFile(python, [suite], { cwd: data, env, timeout: 110_000 }, (_error, _stdout, stderr) => resolve(stderr));
    });
    expect(said).toMatch(/Ran 5 tests[\s\S]*\nOK\n/);
  },
  120_000,
);
