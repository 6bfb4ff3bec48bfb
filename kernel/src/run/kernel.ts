import { setTimeout as delay } from "node:timers/promises";
import { KernelMessage, type Kernel as Services } from "@jupyterlab/services";
import { type FoundKernelSpec, OWN_NAME } from "../install/kernelspec.ts";
import type { Message } from "../wire/index.ts";
import { Execution } from "./execution.ts";
import { JupyterServer, type ServerAddress } from "./jupyter-server.ts";
import { KernelError, type KernelWait, withPatience } from "./kernel-wait.ts";
import { ofServices } from "./lenient-messages.ts";

/** What a kernel says of itself; more may be there. */
export interface KernelInfo extends Record<string, unknown> {
  implementation?: string;
  language_info?: Record<string, unknown> & { name: string };
}

/** How a kernel is started. */
export interface KernelStart extends KernelWait {
  /** The working folder of the code it runs. */
  cwd?: string;
  /** Variables added to the server's environment. */
  env?: Record<string, string>;
  /** The path of its document on a server that is not ours, which decides where it works. */
  path?: string;
  /** The server that runs it; one in this process unless given. */
  server?: ServerAddress | JupyterServer;
}

/** How code is to be run. */
export interface ExecuteOptions {
  /** Neither counted nor published. */
  silent?: boolean;
  /** Whether the kernel drops what is queued behind when this fails; true unless given. */
  stopOnError?: boolean;
  /** Sent along as the message's metadata, for example `{ cellId }`. */
  metadata?: Record<string, unknown>;
  /** Answers `input` requests; without it the kernel is told that nobody can. */
  answer?: (prompt: string, password: boolean) => string | Promise<string>;
}

interface Pending {
  resolve: (reply: Message) => void;
  reject: (reason: Error) => void;
}

/**
 * A running kernel, as a client of the Jupyter server that runs it.
 * ```ts
 * const kernel = await Kernel.start({ name: "gradbook", spec: ownKernelSpec() });
 * const execution = kernel.execute("1 + 1");
 * for await (const message of execution) console.log(message.header.msg_type, message.content);
 * console.log((await execution.reply).content.status);
 * await kernel.shutdown();
 * ```
 */
export class Kernel {
  /** Its id on the server. */
  readonly id: string;
  /** The name of its kernelspec. */
  readonly name: string;
  readonly server: JupyterServer;
  /** Resolves, with a sentence that says how, when the kernel has ended or the connection to it has. */
  readonly ended: Promise<string>;
  readonly #connection: Services.IKernelConnection;
  /** Whether the server is only there for this kernel. */
  readonly #ownsServer: boolean;
  readonly #pending = new Map<string, Pending>();
  readonly #executions = new Map<string, Execution>();
  readonly #listeners = new Set<(message: Message) => void>();
  #info: KernelInfo = {};
  #heard = false;
  #ready = false;
  #closed: Error | undefined;
  #end: (how: string) => void = () => {};

  private constructor(connection: Services.IKernelConnection, server: JupyterServer, ownsServer: boolean) {
    this.id = connection.id;
    this.name = connection.name;
    this.server = server;
    this.#connection = connection;
    this.#ownsServer = ownsServer;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    // Before the library handles them: it drops messages of a kernel that has just died.
    connection.anyMessage.connect((_, { msg, direction }) => {
      if (direction === "recv") this.#receive(msg);
    });
    connection.disposed.connect(() => this.#close("The kernel was ended on the server."));
    connection.connectionStatusChanged.connect((_, status) => {
      if (status === "disconnected" && this.#ready) this.#close("The connection to the Jupyter server was lost.");
    });
    connection.info.catch(() => {});
  }

  /** Starts the kernel of a kernelspec and waits until it is ready. @throws KernelError when it does not get there. */
  static async start(found: FoundKernelSpec, start: KernelStart = {}): Promise<Kernel> {
    const { name } = found;
    const given = start.server;
    const server =
      given instanceof JupyterServer
        ? given
        : given
          ? await JupyterServer.connect(given)
          : await JupyterServer.local([found]);
    let kernel: Kernel | undefined;
    try {
      start.cancel?.throwIfAborted();
      const { cwd, path } = start;
      const env = found.env || start.env ? { ...found.env, ...start.env } : undefined;
      const wanted = {
        name,
        ...(cwd !== undefined && { cwd }),
        ...(path !== undefined && { path }),
        ...(env && { env }),
      };
      kernel = new Kernel(await server.start(wanted), server, server !== given);
      await kernel.#becomeReady(start);
      return kernel;
    } catch (error) {
      kernel?.kill();
      if (server !== given) await server.close(false);
      throw new KernelError(`Kernel ${name} did not start. ${(error as Error).message}`);
    }
  }

  /**
   * Connects to a kernel that runs already, with all that was done in it.
   * @throws ServerError when it is not there, KernelError when it does not answer.
   */
  static async attach(id: string, server: ServerAddress | JupyterServer, wait: KernelWait = {}): Promise<Kernel> {
    const connected = server instanceof JupyterServer ? server : await JupyterServer.connect(server);
    try {
      const kernel = new Kernel(await connected.attach(id), connected, connected !== server);
      await kernel.#becomeReady(wait);
      return kernel;
    } catch (error) {
      if (connected !== server) await connected.close();
      throw error;
    }
  }

  /** What the kernel said of itself when it was ready. */
  get info(): KernelInfo {
    return this.#info;
  }

  /** Whether the connection is gone, because the kernel ended or was left. */
  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** Sends a request and waits for its reply, on shell unless said otherwise. */
  request(type: string, content: object = {}, channel: "shell" | "control" = "shell"): Promise<Message> {
    return this.#asked((connection) => {
      const message = this.#message(type, content, channel);
      // The library's own promise is not waited for: ours also sees a reply whose `idle` is lost.
      const future =
        channel === "shell"
          ? connection.sendShellMessage(message as KernelMessage.IShellMessage, true)
          : connection.sendControlMessage(message as KernelMessage.IControlMessage, true);
      future.done.catch(() => {});
      return message.header.msg_id;
    });
  }

  /** Sends a message that has no reply, such as `comm_msg`. */
  notify(type: string, content: object, buffers: ArrayBuffer[] = []): void {
    if (this.#closed) return;
    const message = { ...this.#message(type, content, "shell"), buffers };
    this.#connection.sendShellMessage(message as KernelMessage.IShellMessage, false).done.catch(() => {});
  }

  /** Runs code. */
  execute(code: string, options: ExecuteOptions = {}): Execution {
    const content = {
      code,
      silent: options.silent ?? false,
      store_history: !options.silent,
      user_expressions: {},
      allow_stdin: options.answer !== undefined,
      stop_on_error: options.stopOnError ?? true,
    };
    let id = "";
    let over = () => {};
    const reply = this.#asked((connection) => {
      const future = connection.requestExecute(content, false, options.metadata as never);
      future.done.catch(() => {});
      future.onStdin = (message) => this.#answer(message, options.answer);
      over = () => future.dispose();
      id = future.msg.header.msg_id;
      return id;
    });
    const execution = new Execution(id, reply);
    this.#executions.set(id, execution);
    const forget = () => {
      this.#executions.delete(id);
      over();
    };
    execution.done.then(forget, forget);
    return execution;
  }

  /** Calls back with every message on iopub, also those that no running request caused. @returns how to stop it. */
  listen(listener: (message: Message) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks the kernel to stop what it is running and to keep its state. */
  async interrupt(): Promise<void> {
    if (!this.#closed) await this.#connection.interrupt();
  }

  /** Ends the kernel: politely, and by force if it does not go. */
  async shutdown(): Promise<void> {
    await this.server.shutdown(this.id);
    await this.leave("The kernel was shut down.");
  }

  /** Ends the kernel and what it started, at once. */
  kill(): void {
    this.server.kill(this.id);
    this.#close("The kernel was killed.");
  }

  /** Closes the connection; the kernel goes on, unless its server is only there for it. */
  async leave(how = "The connection to the kernel was closed."): Promise<void> {
    this.#close(how);
    if (this.#ownsServer) await this.server.close();
  }

  /** Waits until the kernel answers *and* its publications arrive: what was published before is lost. */
  async #becomeReady(wait: KernelWait): Promise<void> {
    try {
      await withPatience(wait, this.ended, async (over) => {
        await this.#nudge(over);
        // Our compiler takes a second or two to load: that time is the kernel's, not the first cell's.
        if (this.#info.implementation === OWN_NAME) await this.execute("", { silent: true }).done;
      });
      this.#ready = true;
    } catch (error) {
      const reason = this.#closed ?? new KernelError((error as Error).message);
      this.#close(reason.message);
      throw reason;
    }
  }

  async #nudge(over: AbortSignal): Promise<void> {
    this.#info = { ...(await this.#connection.info) } as unknown as KernelInfo;
    for (let wait = 100; !this.#heard && !over.aborted; wait = Math.min(wait * 1.5, 1000)) {
      this.request("kernel_info_request").catch(() => {});
      for (const until = performance.now() + wait; !this.#heard && performance.now() < until; ) await delay(5);
    }
  }

  #asked(send: (connection: Services.IKernelConnection) => string): Promise<Message> {
    if (this.#closed) return Promise.reject(this.#closed);
    return new Promise<Message>((resolve, reject) => {
      this.#pending.set(send(this.#connection), { resolve, reject });
    });
  }

  #message(type: string, content: object, channel: "shell" | "control"): KernelMessage.IMessage {
    const { clientId: session, username } = this.#connection;
    // The library knows the types of its own messages only.
    const options = { msgType: type, channel, session, username, content };
    return KernelMessage.createMessage(options as unknown as KernelMessage.IOptions<KernelMessage.IInfoRequestMsg>);
  }

  #receive(received: KernelMessage.IMessage): void {
    const message = ofServices(received);
    const id = message.parent.msg_id ?? "";
    if (received.channel === "shell" || received.channel === "control") {
      this.#pending.get(id)?.resolve(message);
      this.#pending.delete(id);
    }
    if (received.channel !== "iopub") return;
    this.#heard = true;
    for (const listener of this.#listeners) listener(message);
    this.#executions.get(id)?.receive(message);
    if (message.header.msg_type !== "status") return;
    const { execution_state: state, reason, restarting } = message.content;
    if (state === "dead")
      this.#close(
        typeof reason === "string"
          ? reason
          : `The kernel died.${restarting ? " The server has started it anew, but all variables are gone." : ""}`,
      );
    if (state === "starting" && this.#ready) this.#close("Somebody restarted the kernel: all variables are gone.");
  }

  async #answer(question: KernelMessage.IStdinMessage, answer: ExecuteOptions["answer"]): Promise<void> {
    if (!KernelMessage.isInputRequestMsg(question) || !answer) return;
    const value = await answer(question.content.prompt, question.content.password);
    if (!this.#closed) this.#connection.sendInputReply({ status: "ok", value }, question.header);
  }

  /** Whatever is still waited for rejects with how it ended. */
  #close(how: string): void {
    if (this.#closed) return;
    const reason = new KernelError(how);
    this.#closed = reason;
    this.#end(how);
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
    for (const execution of this.#executions.values()) execution.fail(reason);
    // Not at once: we may be called by the library, in the middle of handling a message.
    setImmediate(() => this.#connection.dispose());
  }
}
