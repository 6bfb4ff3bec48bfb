import type * as Processes from "node:child_process";
import type * as Digests from "node:crypto";
import type * as Streams from "node:fs";
import type * as Files from "node:fs/promises";
import type * as Modules from "node:module";
import type * as System from "node:os";
import type * as Paths from "node:path";
import type Process from "node:process";
import type * as Lines from "node:readline";
import type * as Pipes from "node:stream";
import type * as Timers from "node:timers/promises";
import type * as Engine from "node:v8";
import type * as Contexts from "node:vm";
import type * as Threads from "node:worker_threads";
import type * as Compression from "node:zlib";
import { DataError } from "./errors.ts";

/** What the library uses of Node, by the names of its modules. */
interface Parts {
  readonly child_process: typeof Processes;
  readonly crypto: typeof Digests;
  readonly fs: typeof Streams;
  readonly "fs/promises": typeof Files;
  readonly module: typeof Modules;
  readonly os: typeof System;
  readonly path: typeof Paths;
  readonly process: typeof Process;
  readonly readline: typeof Lines;
  readonly stream: typeof Pipes;
  readonly "timers/promises": typeof Timers;
  readonly v8: typeof Engine;
  readonly vm: typeof Contexts;
  readonly worker_threads: typeof Threads;
  readonly zlib: typeof Compression;
}

interface Host {
  getBuiltinModule?(id: string): object | undefined;
}

const { getBuiltinModule } = (globalThis as { process?: Host }).process ?? {};

/** Whether there is Node around the library, not a page. */
export const inNode = getBuiltinModule !== undefined;

/**
 * A module of Node, got when it is used: pages load the library as well, and what it has of arithmetic, models and
 * training works there.
 * @throws DataError in a page.
 */
export function node<Name extends keyof Parts>(name: Name): Parts[Name] {
  if (getBuiltinModule === undefined)
    throw new DataError(
      "gradbook",
      `this needs Node's ${name}, and here is none. Files, downloads, checkpoints and threads work in Node alone; in a page, fetch bytes and give them to fromSafetensors, fromNpy or tensor.`,
    );
  return getBuiltinModule(`node:${name}`) as Parts[Name];
}

/** A function of Node that is looked for when it is called. */
function later<Name extends keyof Parts, Key extends keyof Parts[Name]>(name: Name, key: Key): Parts[Name][Key] {
  const call = (...given: readonly unknown[]) =>
    (node(name)[key] as (...given: readonly unknown[]) => unknown)(...given);
  return call as Parts[Name][Key];
}

export const spawnSync = later("child_process", "spawnSync");
export const createHash = later("crypto", "createHash");
export const createReadStream = later("fs", "createReadStream");
export const mkdir = later("fs/promises", "mkdir");
export const open = later("fs/promises", "open");
export const readdir = later("fs/promises", "readdir");
export const readFile = later("fs/promises", "readFile");
export const rename = later("fs/promises", "rename");
export const rm = later("fs/promises", "rm");
export const stat = later("fs/promises", "stat");
export const writeFile = later("fs/promises", "writeFile");
export const createRequire = later("module", "createRequire");
export const homedir = later("os", "homedir");
export const basename = later("path", "basename");
export const dirname = later("path", "dirname");
export const join = later("path", "join");
export const createInterface = later("readline", "createInterface");
export const pipeline = later("stream", "pipeline");
export const gunzipSync = later("zlib", "gunzipSync");
export const inflateSync = later("zlib", "inflateSync");
