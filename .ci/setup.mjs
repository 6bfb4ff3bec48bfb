// npm run setup: installs and builds, and does neither where nothing has changed since it was done, which saves the
// seconds that npm and the compiler take to find that out. Uses nothing that has to be installed first.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const packages = ["lib", "widgets", "kernel"];
const project = join(import.meta.dirname, "..");
const notes = join(project, "node_modules", ".gradbook");

/** Runs a command of npm; one that fails ends the setup. */
function npm(...parameters) {
  const { status } = spawnSync("npm", parameters, {
    cwd: project,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Does the work unless its traces are as it left them the last time. */
function unlessDone(name, traces, work) {
  const file = join(notes, name);
  if (traces() === read(file)) return;
  // Work that is cut off counts as none.
  rmSync(file, { force: true });
  work();
  mkdirSync(notes, { recursive: true });
  writeFileSync(file, traces());
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** What is to be installed, and for which Node: native modules differ. */
function installed() {
  const files = ["package.json", "package-lock.json", ...packages.map((name) => join(name, "package.json"))];
  const hash = createHash("sha256").update(`${process.version} ${process.platform} ${process.arch}`);
  for (const file of files) hash.update(`\n${file} ${read(join(project, file))}`);
  // npm writes it last; without it node_modules is not whole.
  return hash.update(stamp(join(project, "node_modules", ".package-lock.json"))).digest("hex");
}

/** The sources, by their times, and what the last build has left, whoever asked for it. */
function built() {
  const stamps = ["tsconfig.base.json", "tsconfig.json", "package.json"];
  for (const name of packages) {
    stamps.push(...["package.json", "tsconfig.json", "bundle.mjs"].map((file) => join(name, file)));
    stamps.push(...within(join(name, "src")), ...within(join(name, "dist")));
  }
  const hash = createHash("sha256").update(process.version);
  for (const file of stamps.sort()) hash.update(`\n${file} ${stamp(join(project, file))}`);
  return hash.digest("hex");
}

function stamp(file) {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${found.mtimeMs} ${found.size}` : "missing";
}

/** The files below a folder of the project. */
function within(folder) {
  try {
    return readdirSync(join(project, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(project.length));
  } catch {
    return [];
  }
}

unlessDone("installed", installed, () => npm("install", "--no-audit", "--no-fund", "--loglevel=error"));
unlessDone("built", built, () => npm("run", "--silent", "build"));
