import { spawnSync } from "node:child_process";

export const python = process.env.GRADBOOK_PYTHON ?? "/usr/bin/python3";

/** Whether there is a Python with PyTorch; where all tools are required, an error if not. */
export function pythonHasTorch(): boolean {
  if (spawnSync(python, ["-c", "import torch"], { stdio: "ignore" }).status === 0) return true;
  const message = `${python} has no module torch. To get it on Debian: apt-get install python3-torch`;
  if (process.env.GRADBOOK_REQUIRE === "all") throw new Error(message);
  console.warn(`Tests are skipped: ${message}`);
  return false;
}
