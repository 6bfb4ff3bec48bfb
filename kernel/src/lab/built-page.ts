import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Problem } from "../problem.ts";

/** The project of the page: its sources in a checkout, and what is built of them, which the package carries. */
const project = fileURLToPath(new URL("../../page/", import.meta.url));

/** The page as built: static files that a server hands out. */
export interface BuiltPage {
  /** Where `static`, `schemas` and `themes` lie. */
  readonly folder: string;
  /** The scripts with which it begins, in order. */
  readonly scripts: readonly string[];
}

/**
 * The page, built now where it has not been since its sources last changed: a minute the first time, most of it for
 * npm to fetch JupyterLab. @param say is told what takes long.
 * @throws Problem when npm or the build fails.
 */
export async function builtPage(say: (what: string) => void): Promise<BuiltPage> {
  const folder = join(project, "dist");
  const lock = join(project, "package-lock.json");
  // A package that was installed from npm has no sources of the page.
  if (existsSync(lock)) {
    await unlessSame(join(project, "node_modules", "installed-from.txt"), [lock], async () => {
      say("Fetching JupyterLab from npm. This happens once, and takes a minute.");
      await runs("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    });
    await unlessSame(join(folder, "built-from.txt"), await sources(), async () => {
      say("Building the page.");
      await runs(process.execPath, ["build.mjs"]);
    });
  }
  const page = await readFile(join(folder, "page.json"), "utf8").catch(() => {
    throw new Problem(`lab: ${folder} holds no page. Install @gradbook/kernel anew.`);
  });
  return { folder, ...(JSON.parse(page) as { scripts: string[] }) };
}

/** Does the work unless it was done with these files as they are now, as a note in `file` says. */
async function unlessSame(file: string, inputs: readonly string[], work: () => Promise<void>): Promise<void> {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(input.slice(project.length)).update(await readFile(input));
  const digest = hash.digest("hex");
  if ((await readFile(file, "utf8").catch(() => "")) === digest) return;
  await work();
  await writeFile(file, digest);
}

async function sources(): Promise<string[]> {
  const own = (await readdir(project)).filter((name) => /\.(json|mjs|cjs)$/.test(name));
  const inside = (await readdir(join(project, "src"))).map((name) => join("src", name));
  return [...own, ...inside].sort().map((name) => join(project, name));
}

async function runs(command: string, parameters: string[]): Promise<void> {
  const shell = process.platform === "win32";
  const child = spawn(command, parameters, { cwd: project, stdio: ["ignore", "inherit", "inherit"], shell });
  const code = await new Promise<number | null>((resolve, reject) => child.once("error", reject).once("exit", resolve));
  if (code !== 0)
    throw new Problem(
      `lab: ${command} ${parameters.join(" ")} in ${project} ended with ${code}; what it said stands above. Is the npm registry reachable?`,
    );
}
