import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newConnection } from "../../src/wire/connection.ts";
import { type JupyterHome, jupyter } from "./jupyter-home.ts";

/** Debian's Notebook 6, serving the home's folder. */
export class NotebookServer {
  readonly #process: ChildProcess;
  readonly #token = "secret";
  #port = 0;
  #log = "";

  private constructor(home: JupyterHome, port: number) {
    this.#port = port;
    const options = {
      port,
      ip: "127.0.0.1",
      "NotebookApp.token": this.#token,
      "notebook-dir": home.folder,
      "NotebookApp.nbserver_extensions": "{}",
    };
    this.#process = spawn(
      jupyter,
      [
        "notebook",
        "--no-browser",
        "--allow-root",
        ...Object.entries(options).map(([name, value]) => `--${name}=${value}`),
      ],
      { cwd: home.folder, env: home.environment, stdio: ["ignore", "ignore", "pipe"] },
    );
    this.#process.stderr!.on("data", (text: Buffer) => {
      this.#log += text.toString();
    });
  }

  static async start(home: JupyterHome): Promise<NotebookServer> {
    const { shell_port } = await newConnection();
    const server = new NotebookServer(home, shell_port);
    const end = performance.now() + 60_000;
    while (performance.now() < end) {
      const answer = await fetch(server.address("api/status")).catch(() => undefined);
      if (answer?.ok) return server;
      await sleep(200);
    }
    await server.stop();
    throw new Error(`NotebookServer: it does not answer. It said:\n${server.#log}`);
  }

  address(path: string): string {
    return `http://127.0.0.1:${this.#port}/${path}?token=${this.#token}`;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 10_000);
    await gone;
    clearTimeout(timer);
  }
}

/** Writes a notebook into the home. */
export async function writeNotebook(home: JupyterHome, name: string, notebook: object): Promise<void> {
  await writeFile(join(home.folder, name), JSON.stringify(notebook));
}
