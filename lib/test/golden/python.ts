import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const python = process.env.GRADBOOK_PYTHON ?? "/usr/bin/python3";

/** Whether there is a Python with a module, from a package of Debian; where all tools are required, an error if not. */
function pythonHas(module: string, debianPackage: string): boolean {
  if (spawnSync(python, ["-c", `import ${module}`], { stdio: "ignore" }).status === 0) return true;
  const message = `${python} has no module ${module}. To get it on Debian: apt-get install ${debianPackage}`;
  if (process.env.GRADBOOK_REQUIRE === "all") throw new Error(message);
  console.warn(`Tests are skipped: ${message}`);
  return false;
}

export const pythonHasNumpy = (): boolean => pythonHas("numpy", "python3-numpy");
export const pythonHasTorch = (): boolean => pythonHas("torch", "python3-torch");
export const pythonHasScipy = (): boolean => pythonHas("scipy", "python3-scipy");
export const pythonHasSklearn = (): boolean => pythonHas("sklearn", "python3-sklearn");

/** Runs Python code in a folder and gives what it prints as JSON; null when it prints nothing. */
export function runPython(code: string, folder: string): unknown {
  const { stdout, stderr, status } = spawnSync(python, ["-c", code], { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim() === "" ? null : JSON.parse(stdout);
}

/** What a script prints for a seed, so many lines of JSON. */
export function drawn<Case>(script: URL, seed: number, count: number): Case[] {
  const { stdout, stderr, status } = spawnSync(python, [fileURLToPath(script), String(seed), String(count)], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  const cases = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Case);
  if (cases.length !== count) throw new Error(`${fileURLToPath(script)} printed ${cases.length} cases, not ${count}.`);
  return cases;
}

/** A seed that is new every time, unless GRADBOOK_SEED gives one to see a failure again. */
export const seed = Number(process.env.GRADBOOK_SEED ?? Date.now() % 1_000_000);
