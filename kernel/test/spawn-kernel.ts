import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ConnectionInfo, newConnection, writeConnectionFile } from "../src/wire/connection.ts";

const command = fileURLToPath(new URL("../bin/gradbook.js", import.meta.url));

/** A kernel's process, which may not answer yet. */
export interface SpawnedKernel {
  readonly child: ChildProcess;
  readonly connection: ConnectionInfo;
  /** What it has written to its error output; all of it, if it has ended. */
  errors(): Promise<string>;
  /** Removes its connection file, which it has read when it answers. */
  forget(): Promise<void>;
}

/** Starts a kernel in a folder, as Jupyter does, on ports that are free. */
export async function spawnKernel(folder: string, env: Readonly<Record<string, string>> = {}): Promise<SpawnedKernel> {
  const connection = await newConnection();
  const file = join(await mkdtemp(join(tmpdir(), "gradbook-connection-")), "kernel.json");
  await writeConnectionFile(file, connection);
  const child = spawn(process.execPath, [command, "kernel", "--connection-file", file], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "pipe"],
  });
  let written = "";
  child.stderr.on("data", (bytes: Buffer) => {
    written = (written + bytes).slice(-10_000);
    process.stderr.write(bytes);
  });
  return {
    child,
    connection,
    async errors() {
      if (child.exitCode !== null && !child.stderr.readableEnded) await once(child.stderr, "end");
      return written;
    },
    forget: () => rm(file, { force: true }),
  };
}
