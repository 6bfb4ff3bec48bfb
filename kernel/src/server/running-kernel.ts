import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { WebSocket } from "ws";
import type { FoundKernelSpec } from "../install/kernelspec.ts";
import { newConnection, parseObject, writeConnectionFile } from "../wire/index.ts";
import { Clients, serverMessage } from "./clients.ts";
import { KernelProcess } from "./kernel-process.ts";
import { KernelSockets, type PassedMessage } from "./kernel-sockets.ts";

/** How a kernel is started and looked after. */
export interface KernelOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Whether a kernel that dies is started anew; true unless given. */
  restarts?: boolean;
}

/** A kernel as the server's API describes it. */
export interface KernelModel {
  id: string;
  name: string;
  last_activity: string;
  execution_state: string;
  connections: number;
  /** Why it is dead or restarting, in a sentence. */
  reason?: string;
}

/** A kernel that dies so often in a row without ever answering is given up. */
const MOST_RESTARTS = 5;

/** One start of the kernel: what is replaced when it is started anew. */
interface Life {
  readonly process: KernelProcess;
  readonly sockets: KernelSockets;
}

/** A kernel that the server runs: its process, its sockets and its clients. */
export class RunningKernel {
  readonly id = randomUUID();
  readonly found: FoundKernelSpec;
  readonly #options: KernelOptions;
  readonly #clients = new Clients();
  readonly #folder = mkdtempSync(join(tmpdir(), "gradbook-kernel-"));
  #life: Life | undefined;
  #state = "starting";
  #reason: string | undefined;
  #lastActivity = new Date();
  #failures = 0;
  /** Set when the end of the process is our own doing. */
  #ending = false;
  #session = randomUUID() as string;
  /** What came from clients before the kernel answered. */
  #early: PassedMessage[] | undefined = [];

  private constructor(found: FoundKernelSpec, options: KernelOptions) {
    this.found = found;
    this.#options = options;
  }

  /** Starts a kernel. It need not answer yet: what is sent to it meanwhile waits. @throws Problem */
  static async start(found: FoundKernelSpec, options: KernelOptions = {}): Promise<RunningKernel> {
    const kernel = new RunningKernel(found, options);
    try {
      await kernel.#begin();
    } catch (error) {
      kernel.#remove();
      throw error;
    }
    return kernel;
  }

  /** The folder in which it works. */
  get folder(): string | undefined {
    return this.#options.cwd;
  }

  /** How long it has had nothing to do, in milliseconds; nothing while it is at work or not there. */
  get idleFor(): number | undefined {
    return this.#state === "idle" ? Date.now() - this.#lastActivity.getTime() : undefined;
  }

  get model(): KernelModel {
    return {
      id: this.id,
      name: this.found.name,
      last_activity: this.#lastActivity.toISOString(),
      execution_state: this.#state,
      connections: this.#clients.connected,
      ...(this.#reason !== undefined && { reason: this.#reason }),
    };
  }

  /** Adds a client that has connected. */
  connect(session: string, socket: WebSocket): void {
    this.#clients.connect(session, socket, (message) => this.#send(message));
    if (this.#state === "dead") this.#announce("dead");
  }

  /** Asks the kernel to stop what it is running and to keep its state. */
  interrupt(): void {
    if (this.found.spec.interrupt_mode === "message") this.#life?.sockets.ask("control", "interrupt_request");
    else this.#life?.process.signal("SIGINT");
  }

  /** Ends the kernel and starts it anew, with the same id and clients. */
  async restart(): Promise<void> {
    this.#early ??= [];
    await this.#end(true);
    this.#failures = 0;
    this.#state = "starting";
    this.#reason = undefined;
    await this.#begin();
  }

  /** Ends the kernel: politely, or at once. */
  async shutdown(politely = true): Promise<void> {
    await this.#end(false, politely ? 5 : 0);
    this.#state = "dead";
    this.#clients.close();
    this.#remove();
  }

  /** Ends the kernel and what it started, without waiting. */
  kill(): void {
    this.#ending = true;
    this.#life?.process.kill();
  }

  async #begin(): Promise<void> {
    this.#ending = false;
    const connectionFile = join(this.#folder, "connection.json");
    const connection = await newConnection(this.found.name);
    await writeConnectionFile(connectionFile, connection);
    const { cwd, env } = this.#options;
    const process = new KernelProcess(this.found, { connectionFile, cwd, env });
    await process.started;
    const heard = new Set<string>();
    let answered = () => {};
    const sockets = new KernelSockets(connection, (message) => {
      heard.add(message.channel);
      if (heard.has("shell") && heard.has("iopub")) answered();
      if (message.parent.session !== sockets.session) this.#receive(message);
    });
    this.#life = { process, sockets };
    const over = new AbortController();
    answered = () => {
      over.abort();
      answered = () => {};
      // A kernel without a stdin socket is no reason to wait for ever.
      void Promise.race([sockets.canBeAsked, delay(1000, undefined, { ref: false })]).then(() => {
        if (this.#life?.sockets === sockets) this.#becomeReady();
      });
    };
    void process.ended.then((how) => {
      over.abort();
      // What it sent last may arrive just after its end.
      setTimeout(() => void this.#ended(sockets, how + process.lastWords()), 50);
    });
    void nudge(sockets, over.signal);
  }

  #becomeReady(): void {
    if (this.#state === "starting" || this.#state === "restarting") this.#state = "idle";
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const message of early) this.#send(message);
  }

  async #ended(sockets: KernelSockets, how: string): Promise<void> {
    sockets.close();
    if (this.#ending || this.#life?.sockets !== sockets) return;
    this.#reason = how;
    if (this.#early) this.#failures++;
    else this.#failures = 0;
    if (this.#options.restarts === false || this.#failures >= MOST_RESTARTS) {
      this.#announce("dead");
      return;
    }
    this.#early ??= [];
    this.#announce("restarting");
    try {
      await this.#begin();
    } catch (error) {
      this.#reason = (error as Error).message;
      this.#announce("dead");
    }
  }

  async #end(restart: boolean, seconds = 5): Promise<void> {
    const life = this.#life;
    if (!life) return;
    this.#ending = true;
    if (seconds > 0) {
      life.sockets.ask("control", "shutdown_request", { restart });
      const timer = new AbortController();
      const waited = delay(seconds * 1000, undefined, { signal: timer.signal }).catch(() => {});
      await Promise.race([life.process.ended, waited]);
      timer.abort();
    }
    life.process.kill();
    await life.process.ended;
    life.sockets.close();
  }

  #send(message: PassedMessage): void {
    this.#lastActivity = new Date();
    if (this.#early) this.#early.push(message);
    else if (message.channel !== "iopub") this.#life?.sockets.send(message.channel, message.parts, message.buffers);
  }

  #receive(message: PassedMessage): void {
    this.#lastActivity = new Date();
    if (message.header.session) this.#session = message.header.session;
    if (message.channel === "iopub" && message.header.msg_type === "status") {
      const state = parseObject(message.parts[3]!)?.execution_state;
      if (typeof state === "string") this.#state = state;
    }
    this.#clients.deliver(message);
  }

  /** Tells all clients of a state that the kernel itself can no longer tell. */
  #announce(state: "restarting" | "dead"): void {
    this.#state = state;
    const content = { execution_state: state, ...(this.#reason !== undefined && { reason: this.#reason }) };
    this.#clients.deliver(serverMessage("status", content, this.#session));
  }

  #remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Asks again and again: a subscription takes effect some time after the connection, and what came before is lost. */
async function nudge(sockets: KernelSockets, over: AbortSignal): Promise<void> {
  for (let wait = 100; !over.aborted; wait = Math.min(wait * 1.5, 1000)) {
    sockets.ask("shell", "kernel_info_request");
    await delay(wait, undefined, { signal: over }).catch(() => {});
  }
}
