import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Problem } from "../problem.ts";
import { type Holder, oneAtATime } from "./build-lock.ts";

/** The project of the page: its sources in a checkout, and what is built of them, which the package carries. */
const project = fileURLToPath(new URL("../../page/", import.meta.url));

/** Which process builds the page. */
const lock = join(project, "building.txt");

/** The page as built: static files that a server hands out. */
export interface BuiltPage {
  /** Where `static`, `schemas` and `themes` lie. */
  readonly folder: string;
  /** The scripts with which it begins, in order. */
  readonly scripts: readonly string[];
}

/**
 * The page, built now where it has not been since its sources last changed: a minute the first time, most of it for
 * npm to fetch JupyterLab. Where another process builds it already, its work is waited for.
 * @param say is told what takes long
 * @throws Problem when npm or the build fails
 */
export async function builtPage(say: (what: string) => void): Promise<BuiltPage> {
  const folder = join(project, "dist");
  // A package that was installed from npm has no sources of the page.
  if (existsSync(join(project, "package-lock.json")) && !(await isDone(await steps())))
    await oneAtATime(
      lock,
      (pid) =>
        say(`Process ${pid} builds the page already; waiting for it. If there is no such program, delete ${lock}`),
      (holder) => build(say, holder),
    );
  const page = await readFile(join(folder, "page.json"), "utf8").catch(() => {
    throw new Problem(`lab: ${folder} holds no page. Install @gradbook/kernel anew.`);
  });
  return { folder, ...(JSON.parse(page) as { scripts: string[] }) };
}

/** A part of the work, which has been done when a file says of which inputs. */
interface Step {
  readonly note: string;
  readonly inputs: readonly string[];
  readonly says: string;
  readonly command: string;
  readonly parameters: readonly string[];
}

async function steps(): Promise<Step[]> {
  return [
    {
      note: join(project, "node_modules", "installed-from.txt"),
      inputs: [join(project, "package-lock.json")],
      says: "Fetching JupyterLab from npm. This happens once, and takes a minute.",
      command: "npm",
      parameters: ["ci", "--no-audit", "--no-fund", "--loglevel=error"],
    },
    {
      note: join(project, "dist", "built-from.txt"),
      inputs: await sources(),
      says: "Building the page.",
      command: process.execPath,
      parameters: ["build.mjs"],
    },
  ];
}

async function isDone(all: readonly Step[]): Promise<boolean> {
  for (const { note, inputs } of all)
    if ((await readFile(note, "utf8").catch(() => "")) !== (await digestOf(inputs))) return false;
  return true;
}

async function build(say: (what: string) => void, holder: Holder): Promise<void> {
  for (const step of await steps()) {
    if (await isDone([step])) continue;
    const digest = await digestOf(step.inputs);
    say(step.says);
    await runs(step, holder);
    await writeFile(step.note, digest);
  }
}

async function digestOf(inputs: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(relative(project, input)).update(await readFile(input));
  return hash.digest("hex");
}

/** What the page has in common with notebooks exported as pages. */
const shared = ["display/figure-colours.ts", "export/browser/draw-figure.ts", "export/browser/theme.ts"].map((name) =>
  join("..", "src", name),
);

async function sources(): Promise<string[]> {
  const own = (await readdir(project)).filter((name) => /\.(json|mjs|cjs)$/.test(name));
  const inside = (await readdir(join(project, "src"))).map((name) => join("src", name));
  return [...own, ...inside, ...shared].sort().map((name) => join(project, name));
}

async function runs({ command, parameters }: Step, holder: Holder): Promise<void> {
  const shell = process.platform === "win32";
  const child = spawn(command, parameters, { cwd: project, stdio: ["ignore", "inherit", "inherit"], shell });
  const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("exit", resolve));
  if (child.pid !== undefined) await holder.add(child.pid);
  const code = await ended;
  if (code !== 0)
    throw new Problem(
      `lab: ${command} ${parameters.join(" ")} in ${project} ended with ${code}; what it said stands above. Is the npm registry reachable?`,
    );
}
