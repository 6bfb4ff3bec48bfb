import { type ChildProcess, spawn } from "node:child_process";
import { programFile } from "../../src/install/kernelspec.ts";
import { newFolder } from "../run/scripted.ts";

/** A server in a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly token: string;
  /** All it has printed so far, on both streams. */
  printed(): string;
}

/** Starts `gradbook server` as a process that can be killed and listened to. */
export async function startProcess(root: string, ...options: string[]): Promise<ServerProcess> {
  const env = { ...process.env, JUPYTER_RUNTIME_DIR: newFolder(), JUPYTER_DATA_DIR: newFolder() };
  const child = spawn(process.execPath, [programFile, "server", "--port", "0", "--root", root, ...options], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`The server did not start: ${text}`)));
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (piece: Buffer) => {
        text += piece;
        const [, url, token] = /(http:\S+)\?token=(\w+)/.exec(text) ?? [];
        if (url && token) resolve({ child, url, token, printed: () => text });
      });
  });
}
