import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type FoundKernelSpec, OWN_NAME } from "../install/kernelspec.ts";
import { newConnection, writeConnectionFile } from "../wire/index.ts";
import { KernelClient, KernelError, type KernelInfo } from "./client.ts";

/** How a kernel's process is started. */
export interface KernelStart {
  /** The working folder of the code it runs. */
  cwd?: string;
  /** Variables added to this process's environment. */
  env?: Record<string, string>;
  /** How long it may take until it answers, in seconds; 60 unless given. */
  startSeconds?: number;
  /** Aborted before it answers: it is ended, and the start fails. */
  cancel?: AbortSignal;
}

/** A kernel of our own: its process, and a client connected to it. */
export class Kernel {
  readonly client: KernelClient;
  /** What the kernel said of itself when it was ready. */
  readonly info: KernelInfo;
  readonly #process: KernelProcess;
  readonly #byMessage: boolean;

  private constructor(process: KernelProcess, client: KernelClient, info: KernelInfo, byMessage: boolean) {
    this.#process = process;
    this.client = client;
    this.info = info;
    this.#byMessage = byMessage;
  }

  /** Starts the kernel of a kernelspec and waits until it is ready. @throws KernelError when it does not get there. */
  static async start(found: FoundKernelSpec, start: KernelStart = {}): Promise<Kernel> {
    const folder = mkdtempSync(join(tmpdir(), "gradbook-kernel-"));
    const connectionFile = join(folder, "connection.json");
    const connection = await newConnection(found.name);
    await writeConnectionFile(connectionFile, connection);
    const kernelProcess = new KernelProcess(found, connectionFile, start);
    const client = new KernelClient(connection);
    void kernelProcess.ended.then((how) => {
      client.close(new KernelError(how));
      rmSync(folder, { recursive: true, force: true });
    });
    const cancel = () => kernelProcess.kill();
    start.cancel?.addEventListener("abort", cancel);
    try {
      start.cancel?.throwIfAborted();
      const info = await client.ready(start.startSeconds);
      // Our compiler takes a second or two to load: that time is the kernel's, not the first cell's.
      if (info.implementation === OWN_NAME) await client.execute("", { silent: true }).done;
      return new Kernel(kernelProcess, client, info, found.spec.interrupt_mode === "message");
    } catch (error) {
      kernelProcess.kill();
      await delay(50); // What it wrote last may arrive just after its end.
      throw new KernelError(
        `Kernel ${found.name} did not start. ${(error as Error).message}${kernelProcess.lastWords()}`,
      );
    } finally {
      start.cancel?.removeEventListener("abort", cancel);
    }
  }

  /** Resolves, with a sentence that says how, when the kernel's process has ended. */
  get ended(): Promise<string> {
    return this.#process.ended;
  }

  /** Asks the kernel to stop what it is running and to keep its state. */
  async interrupt(): Promise<void> {
    if (this.#byMessage) await this.client.request("interrupt_request", {}, "control");
    else this.#process.signal("SIGINT");
  }

  /** Ends the kernel: politely, and by force if it has not gone within `seconds`. */
  async shutdown(seconds = 5): Promise<void> {
    this.client.request("shutdown_request", { restart: false }, "control").catch(() => {});
    const timer = new AbortController();
    await Promise.race([this.ended, delay(seconds * 1000, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
    this.kill();
    await this.ended;
  }

  /** Ends the kernel and what it started, at once. */
  kill(): void {
    this.#process.kill();
  }
}

/** The operating-system side of a kernel. */
class KernelProcess {
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  #tail = "";
  #alive = true;

  constructor({ spec, folder, name }: FoundKernelSpec, connectionFile: string, { cwd, env = {} }: KernelStart) {
    const [program, ...words] = spec.argv.map((word) =>
      word.replaceAll("{connection_file}", connectionFile).replaceAll("{resource_dir}", folder ?? ""),
    );
    if (program === undefined) throw new KernelError(`Kernel ${name}: its kernel.json has an empty "argv".`);
    this.#child = spawn(program, words, {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, ...filledIn(spec.env ?? {}), ...env, JPY_PARENT_PID: String(process.pid) },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: Ctrl-C in the terminal is for us to pass on, and a kill reaches what the kernel started.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#tail = (this.#tail + text).slice(-4000);
      });
    const kill = () => this.kill();
    process.once("exit", kill);
    this.ended = new Promise<string>((resolve) => {
      this.#child.once("error", (error) => resolve(`The program ${program} could not be started: ${error.message}.`));
      this.#child.once("exit", (code, signal) =>
        resolve(`The kernel's process ended ${signal ? `by ${signal}` : `with code ${code}`}.`),
      );
    }).finally(() => {
      this.#alive = false;
      process.off("exit", kill);
      // Something that the kernel started may still hold them, and must not hold us.
      for (const stream of [this.#child.stdout, this.#child.stderr]) if (stream instanceof Socket) stream.unref();
    });
  }

  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined || !this.#alive) return;
    try {
      process.kill(process.platform === "win32" ? pid : -pid, signal);
    } catch {
      // It has just gone by itself.
    }
  }

  kill(): void {
    this.signal("SIGKILL");
  }

  /** What the process last wrote, for the message that reports its failure. */
  lastWords(): string {
    const text = this.#tail.trim();
    return text === "" ? "" : `\nIt last wrote:\n${text}`;
  }
}

/** `${NAME}` in a kernelspec's environment stands for the variable's value here, as in Jupyter. */
function filledIn(env: Record<string, string>): Record<string, string> {
  const fill = (text: string) => text.replace(/\$\{(\w+)\}/g, (_, name: string) => process.env[name] ?? "");
  return Object.fromEntries(Object.entries(env).map(([name, text]) => [name, fill(text)]));
}
