import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, setPriority } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * A type check makes many short-lived objects: with room for them they are seldom collected. And the first cells run
 * through much code for the first time.
 */
export const languageFlags = ["--min-semi-space-size=32", "--max-semi-space-size=32", "--always-sparkplug"];

const here = dirname(fileURLToPath(import.meta.url));
const builder = join(here, "build-snapshot.js");
/** After how long the lock of a build that came to nothing is broken, in milliseconds. */
const patience = 120_000;

/**
 * Where the start-up snapshot of the language process is kept: per user, and by everything that goes into it, so that
 * a file that is there is the right one. Nothing if the user wants none (`GRADBOOK_CACHE=off`) or has no home.
 */
export function snapshotFile(): string | undefined {
  if (process.env.GRADBOOK_CACHE === "off") return undefined;
  try {
    const place = hash(here, process.version, process.arch, ...languageFlags, process.env.NODE_OPTIONS ?? "");
    return join(cacheFolder(), `language-${place}-${hash(...fingerprint())}.blob`);
  } catch {
    return undefined;
  }
}

/** Whether that file is there and the user's own. */
export function isUsable(file: string): boolean {
  try {
    const found = statSync(file);
    return found.isFile() && (process.getuid === undefined || found.uid === process.getuid());
  } catch {
    return false;
  }
}

/** Has the snapshot built by another process, at leisure. What goes wrong there only means that there is none. */
export function buildInBackground(file: string): void {
  const child = spawn(process.execPath, [builder, file], { detached: true, stdio: "ignore" });
  child.on("error", () => undefined);
  child.unref();
  try {
    if (child.pid !== undefined) setPriority(child.pid, 19);
  } catch {
    // It has ended already.
  }
}

/** Builds the snapshot from a script, unless another process is about it. */
export async function buildSnapshot(file: string, script: () => string): Promise<void> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const lock = `${file}.lock`;
  if (!take(lock)) return;
  const source = `${file}.${process.pid}.js`;
  const target = `${file}.${process.pid}.part`;
  try {
    writeFileSync(source, script());
    await run(["--snapshot-blob", target, "--build-snapshot", source]);
    renameSync(target, file);
    removeOlder(file);
  } finally {
    for (const path of [source, target, lock]) rmSync(path, { force: true });
  }
}

function run(parameters: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...languageFlags, ...parameters], { stdio: "ignore" });
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`snapshot: node ended with ${code}.`))));
  });
}

function take(lock: string): boolean {
  try {
    const found = statSync(lock, { throwIfNoEntry: false });
    if (found && Date.now() - found.mtimeMs > patience) unlinkSync(lock);
    closeSync(openSync(lock, "wx"));
    return true;
  } catch {
    return false;
  }
}

/** Of the same installation and the same Node, before it was changed. */
function removeOlder(file: string): void {
  const name = basename(file);
  const start = name.slice(0, name.lastIndexOf("-") + 1);
  for (const other of readdirSync(dirname(file)))
    if (other.startsWith(start) && other.endsWith(".blob") && other !== name)
      rmSync(join(dirname(file), other), { force: true });
}

function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, "gradbook");
  if (process.platform === "win32") return join(LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "gradbook");
  return join(homedir(), ...(process.platform === "darwin" ? ["Library", "Caches"] : [".cache"]), "gradbook");
}

/** What tells one state of the kernel's files from another: reading all of them would take longer than it saves. */
function fingerprint(): string[] {
  const own = [here, join(here, "..", "display")].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(js|d\.ts)$/.test(name))
      .map((name) => join(folder, name)),
  );
  const packages = ["@tslab/typescript-for-tslab", "tslab", "@types/node"].flatMap((name) => {
    for (let folder = here; dirname(folder) !== folder; folder = dirname(folder)) {
      const file = join(folder, "node_modules", name, "package.json");
      if (statSync(file, { throwIfNoEntry: false })) return [file];
    }
    return [];
  });
  return [...own, ...packages].map((path) => {
    const { size, mtimeMs } = statSync(path);
    return `${path} ${size} ${mtimeMs}`;
  });
}

function hash(...parts: string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 16);
}
