import { spawnSync } from "node:child_process";

/** The Python whose Jupyter packages our output is checked against. */
export const python = process.env.GRADBOOK_PYTHON ?? "/usr/bin/python3";

/**
 * Whether that Python has a module. When not, tests that need it are skipped with a word on how to get it; with
 * GRADBOOK_REQUIRE=all they fail instead.
 */
export function pythonHas(module: string, debianPackage: string): boolean {
  const { status } = spawnSync(python, ["-c", `import ${module}`], { stdio: "ignore" });
  if (status === 0) return true;
  const message = `${python} has no module ${module}. To get it on Debian: apt-get install ${debianPackage}`;
  if (process.env.GRADBOOK_REQUIRE === "all") throw new Error(message);
  console.warn(`Tests are skipped: ${message}`);
  return false;
}

/** Runs a Python program and gives what it printed. @throws Error with what it complained of */
export function runPython(program: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(python, ["-c", program, ...words], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
