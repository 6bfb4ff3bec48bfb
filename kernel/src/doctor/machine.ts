import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { liesInCache } from "../install/install.ts";
import type { Surroundings } from "../install/jupyter-folders.ts";
import { userDataFolder } from "../install/jupyter-folders.ts";
import { programFile } from "../install/kernelspec.ts";
import { broken, type Check, type Finding, ok, warning } from "./check.ts";

const packageFile = new URL("../../package.json", import.meta.url);
const reinstall = "npm install -g @gradbook/kernel";

/** The oldest Node that the kernel runs on, as its package says. */
const oldestNode = [20, 19] as const;

/** Node itself, and the system it runs on. */
export const node: Check = {
  name: "Node",
  run: () => {
    const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
    const where = `${process.platform} ${process.arch}${libc()}`;
    if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]))
      return [
        broken(
          `Node ${process.versions.node} is too old; ${oldestNode.join(".")} or newer is needed.`,
          "Install a newer Node from https://nodejs.org, then: gradbook install",
        ),
      ];
    return [ok(`Node ${process.versions.node} on ${where}, at ${process.execPath}.`)];
  },
};

function libc(): string {
  if (process.platform !== "linux") return "";
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  const glibc = report?.header?.glibcVersionRuntime;
  return glibc ? `, glibc ${glibc}` : ", musl";
}

const flags: readonly (readonly [pattern: RegExp, status: "warning" | "broken", effect: string])[] = [
  [/^--(experimental-)?permission$/, "broken", "keeps the kernel from starting processes and reading files"],
  [/^--no-addons$/, "broken", "keeps ZeroMQ, a native addon, from loading"],
  [/^--jitless$/, "warning", "makes all code slow and takes WebAssembly away"],
  [/^--disallow-code-generation-from-strings$/, "warning", "forbids packages to make code as they run"],
  [/^--frozen-intrinsics$/, "broken", "keeps TypeScript's compiler from loading"],
  [/^--inspect(-brk|-wait)?(=|$)/, "warning", "opens a debugger in every process of the kernel, all on one port"],
  [
    /^(-r|--require|--import|--loader|--experimental-loader)(=|$)/,
    "warning",
    "runs code in every process of the kernel",
  ],
];

function optionsGiven({ env }: Surroundings): string[] {
  return [...(env.NODE_OPTIONS ?? "").split(/\s+/), ...process.execArgv].filter((word) => word !== "");
}

/** Whether Node is given an option with which nothing here can work. */
export function isCrippled(around: Surroundings): boolean {
  return optionsGiven(around).some((word) =>
    flags.some(([pattern, status]) => status === "broken" && pattern.test(word)),
  );
}

/** Options of Node, from the environment or the command line, that break things. */
export const nodeOptions: Check = {
  name: "Node's options",
  run: ({ around }) => {
    const given = optionsGiven(around);
    const findings = given.flatMap((word): Finding[] =>
      flags
        .filter(([pattern]) => pattern.test(word))
        .map(([, status, effect]) => ({
          status,
          says: `Node's option ${word} ${effect}.`,
          remedy: "Take it out of NODE_OPTIONS where Jupyter is started.",
        })),
    );
    if (findings.length > 0) return findings;
    return [ok(given.length === 0 ? "Node is given no options." : `Node's options, ${given.join(" ")}, do no harm.`)];
  },
};

/** The packages that the kernel needs. */
export const packages: Check = {
  name: "Packages",
  run: () => {
    const { dependencies, version } = JSON.parse(readFileSync(packageFile, "utf8")) as {
      dependencies: Record<string, string>;
      version: string;
    };
    const names = Object.keys(dependencies);
    const missing = names.filter((name) => !isInstalled(name));
    if (missing.length > 0)
      return [broken(`Of the packages that the kernel needs, some are missing: ${missing.join(", ")}.`, reinstall)];
    const place = dirname(dirname(programFile));
    const found = ok(`Gradbook ${version} with all its ${names.length} packages, in ${place}.`);
    const stays = warning(
      "This copy lies in npx's cache, which npm may empty.",
      `${reinstall}, then: gradbook install`,
    );
    return liesInCache() ? [found, stays] : [found];
  },
};

function isInstalled(name: string): boolean {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  return folders.some((folder) => existsSync(join(folder, name, "package.json")));
}

/** Where kernels, clients and installers write. */
export const folders: Check = {
  name: "Folders",
  run: ({ around }) => {
    const findings: Finding[] = [];
    try {
      const folder = mkdtempSync(join(tmpdir(), "gradbook-doctor-"));
      writeFileSync(join(folder, "file"), "x");
      rmSync(folder, { recursive: true });
      findings.push(ok(`The folder for temporary files, ${tmpdir()}, can be written.`));
    } catch (error) {
      findings.push(
        broken(
          `The folder for temporary files, ${tmpdir()}, cannot be written: ${(error as Error).message}.`,
          "Set TMPDIR to a folder that can.",
        ),
      );
    }
    const data = userDataFolder(around);
    const problem = writingProblem(data);
    findings.push(
      problem === undefined
        ? ok(`Jupyter's data folder, ${data}, can be written.`)
        : warning(
            `Jupyter's data folder, ${data}, cannot be written: ${problem}.`,
            "Install elsewhere, gradbook install --prefix DIR, or set JUPYTER_DATA_DIR to a folder that can be written.",
          ),
    );
    return findings;
  },
};

/** What keeps a folder, which may not exist yet, from being written. */
function writingProblem(folder: string): string | undefined {
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  try {
    if (!statSync(nearest).isDirectory()) return `${nearest} is not a folder`;
    accessSync(nearest, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
