// The kernels that are measured, and the cells that they run.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const python = process.env.GRADBOOK_PYTHON ?? "/usr/bin/python3";

const typescript = {
  trivial: (n) => `const x${n}: number = ${n}; x${n} + 1`,
  busy: (milliseconds) => `{ const end = Date.now() + ${milliseconds}; while (Date.now() < end) {} }`,
  endless: "while (true) {}",
  lines: (count) => `for (let i = 0; i < ${count}; i++) console.log(i);`,
  megabytes: (count) => `for (let i = 0; i < ${count * 1000}; i++) console.log("x".repeat(999));`,
  crash: "process.exit(1)",
};

const pythonCells = {
  trivial: (n) => `x${n}: int = ${n}; x${n} + 1`,
  busy: (milliseconds) => `import time\nend = time.time() + ${milliseconds / 1000}\nwhile time.time() < end: pass`,
  endless: "while True: pass",
  lines: (count) => `for i in range(${count}): print(i)`,
  megabytes: (count) => `for i in range(${count * 1000}): print("x" * 999)`,
  crash: "import os; os._exit(1)",
};

const all = {
  gradbook: {
    version: () => createRequire(import.meta.url)("../package.json").version,
    argv: (file) => [process.execPath, join(here, "../bin/gradbook.js"), "kernel", "--connection-file", file],
    cells: typescript,
    interrupt: (kernel) => kernel.request("control", "interrupt_request"),
  },
  ipykernel: {
    version: () => {
      const { status, stdout } = spawnSync(python, ["-c", "import ipykernel; print(ipykernel.__version__)"], {
        encoding: "utf8",
      });
      return status === 0 ? stdout.trim() : undefined;
    },
    missing: "apt-get install python3-ipykernel",
    argv: (file) => [python, "-m", "ipykernel_launcher", "-f", file],
    cells: pythonCells,
    // Its kernelspec asks for a signal, to the whole process group.
    interrupt: (kernel) => process.kill(-kernel.process.pid, "SIGINT"),
  },
  tslab: {
    version: () => {
      try {
        return createRequire(import.meta.url)("tslab/package.json").version;
      } catch {
        return undefined;
      }
    },
    missing: "npm install tslab",
    argv: (file) => [
      process.execPath,
      createRequire(import.meta.url).resolve("tslab/bin/tslab"),
      "kernel",
      `--config-path=${file}`,
    ],
    cells: typescript,
    interrupt: (kernel) => process.kill(-kernel.process.pid, "SIGINT"),
  },
};

/** The kernels that are installed. They start in a folder where types are found, which tslab needs. */
export function installedPeers() {
  const found = [];
  for (const [name, peer] of Object.entries(all)) {
    const version = peer.version();
    if (version) found.push({ name, cwd: root, ...peer, version });
    else console.error(`Skipped: ${name} is not installed. How to get it: ${peer.missing}`);
  }
  return found;
}
