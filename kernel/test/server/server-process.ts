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
export function startProcess(root: string, ...options: string[]): Promise<ServerProcess> {
  return start("server", "--port", "0", "--root", root, ...options);
}

/** Starts `gradbook lab` in the same way. */
export function startLab(root: string, ...options: string[]): Promise<ServerProcess> {
  return start("lab", root, "--port", "0", "--no-browser", ...options);
}

async function start(...words: string[]): Promise<ServerProcess> {
  const folders = ["JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR"];
  const env = { ...process.env, ...Object.fromEntries(folders.map((name) => [name, newFolder()])) };
  const child = spawn(process.execPath, [programFile, ...words], { env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`The server did not start: ${text}`)));
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (piece: Buffer) => {
        text += piece;
        const [, url, token] = /(http:\S+\/)(?:lab)?\?token=(\w+)/.exec(text) ?? [];
        if (url && token) resolve({ child, url, token, printed: () => text });
      });
  });
}
