import { randomUUID } from "node:crypto";
import { setTimeout as delay, setImmediate } from "node:timers/promises";
import { Dealer, Subscriber } from "zeromq";
import { Problem } from "../problem.ts";
import { addressOf, Codec, type ConnectionInfo, type Message, newMessage, OrderedSender } from "../wire/index.ts";
import { Execution } from "./execution.ts";

/** A kernel that died, did not start or was closed while something was asked of it. */
export class KernelError extends Problem {
  override readonly name = "KernelError";
}

/** How long messages may be handled before the event loop gets its turn, in milliseconds. */
const LONGEST_TURN = 20;

/** What a kernel says of itself; more may be there. */
export interface KernelInfo extends Record<string, unknown> {
  implementation?: string;
  language_info?: Record<string, unknown> & { name: string };
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
 * A client of one running kernel, over ZeroMQ. It does not own the kernel's process: see `Kernel` for that.
 * ```ts
 * const execution = client.execute("1 + 1");
 * for await (const message of execution) console.log(message.header.msg_type, message.content);
 * console.log((await execution.reply).content.status);
 * ```
 */
export class KernelClient {
  readonly #codec: Codec;
  readonly #session = randomUUID();
  readonly #sockets: { shell: Dealer; control: Dealer; stdin: Dealer; iopub: Subscriber };
  readonly #senders: Record<"shell" | "control" | "stdin", OrderedSender>;
  readonly #pending = new Map<string, Pending>();
  readonly #executions = new Map<string, Execution>();
  readonly #answers = new Map<string, NonNullable<ExecuteOptions["answer"]>>();
  readonly #listeners = new Set<(message: Message) => void>();
  /** Until stdin is connected as well, the kernel's questions would be lost without a trace. */
  readonly #canBeAsked: Promise<void>;
  #closed: Error | undefined;

  /** Opens the sockets at once; whether anything answers, `ready` tells. */
  constructor(connection: ConnectionInfo) {
    this.#codec = new Codec(connection);
    // With the default high-water mark of 1,000 a burst of output is cut off. No linger: a dead kernel must not hold us.
    const options = { receiveHighWaterMark: 0, linger: 0 };
    // The kernel addresses its questions on stdin to the identity that asked on shell.
    const routingId = this.#session;
    const sockets = {
      shell: new Dealer({ ...options, routingId }),
      control: new Dealer({ ...options, routingId }),
      stdin: new Dealer({ ...options, routingId }),
      iopub: new Subscriber(options),
    };
    this.#sockets = sockets;
    this.#senders = {
      shell: new OrderedSender(sockets.shell),
      control: new OrderedSender(sockets.control),
      stdin: new OrderedSender(sockets.stdin),
    };
    sockets.iopub.subscribe();
    this.#canBeAsked = new Promise((resolve) => sockets.stdin.events.on("handshake", () => resolve()));
    for (const channel of ["shell", "control", "stdin", "iopub"] as const)
      sockets[channel].connect(addressOf(connection, channel));
    void this.#receive(sockets.shell, (message) => this.#settle(message));
    void this.#receive(sockets.control, (message) => this.#settle(message));
    void this.#receive(sockets.stdin, (message) => this.#ask(message));
    void this.#receive(sockets.iopub, (message) => this.#publish(message));
  }

  /**
   * Waits until the kernel answers on shell *and* its publications arrive: a subscription takes effect some time after
   * the connection, and what was published before is lost.
   * @throws KernelError when that takes longer than `seconds`.
   */
  async ready(seconds = 60): Promise<KernelInfo> {
    let info: KernelInfo | undefined;
    let live = false;
    const unsubscribe = this.listen(() => {
      live = true;
    });
    try {
      const deadline = performance.now() + seconds * 1000;
      for (let wait = 100; performance.now() < deadline; wait = Math.min(wait * 1.5, 1000)) {
        if (this.#closed) throw this.#closed;
        const answered = this.request("kernel_info_request").then((message) => {
          info = message.content;
        });
        await Promise.race([answered, delay(wait)]);
        answered.catch(() => {});
        if (info && !live) await delay(10);
        if (!info || !live) continue;
        // A kernel without a stdin socket is no reason to wait for ever.
        await Promise.race([this.#canBeAsked, delay(1000, undefined, { ref: false })]);
        return info;
      }
    } finally {
      unsubscribe();
    }
    throw new KernelError(
      `The kernel did not answer within ${seconds} s (${info ? "shell does, iopub does not" : "nothing on shell"}).`,
    );
  }

  /** Whether the connection is gone, because the kernel ended or `close` was called. */
  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** Sends a request and waits for its reply, on shell unless said otherwise. */
  request(type: string, content: object = {}, channel: "shell" | "control" = "shell"): Promise<Message> {
    return this.#send(newMessage(type, content, this.#session), channel);
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
    const request = newMessage("execute_request", content, this.#session, { metadata: options.metadata ?? {} });
    const id = request.header.msg_id;
    if (options.answer) this.#answers.set(id, options.answer);
    const execution = new Execution(id, this.#send(request, "shell"));
    this.#executions.set(id, execution);
    const forget = () => {
      this.#executions.delete(id);
      this.#answers.delete(id);
    };
    execution.done.then(forget, forget);
    return execution;
  }

  /** Calls back with every message on iopub, also those that no running request caused. @returns how to stop it. */
  listen(listener: (message: Message) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Closes the sockets; whatever is still waited for rejects with `reason`. */
  close(reason: Error = new KernelError("The connection to the kernel was closed.")): void {
    if (this.#closed) return;
    this.#closed = reason;
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
    for (const execution of this.#executions.values()) execution.fail(reason);
    for (const socket of Object.values(this.#sockets)) socket.close();
  }

  #send(message: Message<object>, channel: "shell" | "control"): Promise<Message> {
    if (this.#closed) return Promise.reject(this.#closed);
    const reply = new Promise<Message>((resolve, reject) => {
      this.#pending.set(message.header.msg_id, { resolve, reject });
    });
    void this.#senders[channel].send(this.#codec.encode(message));
    return reply;
  }

  async #receive(socket: Dealer | Subscriber, handle: (message: Message) => void): Promise<void> {
    let breathed = performance.now();
    try {
      for await (const frames of socket) {
        const message = this.#codec.decode(frames);
        if (message) handle(message);
        // Messages that are there already come without a turn of the event loop: a flood would hold up timers and signals.
        if (performance.now() - breathed < LONGEST_TURN) continue;
        await setImmediate();
        breathed = performance.now();
      }
    } catch (error) {
      // A socket that is closed in the middle of receiving complains.
      if (!this.#closed)
        this.close(new KernelError(`The connection to the kernel broke: ${(error as Error).message}.`));
    }
  }

  #settle(message: Message): void {
    const id = message.parent.msg_id;
    const pending = id && this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    pending.resolve(message);
  }

  #publish(message: Message): void {
    for (const listener of this.#listeners) listener(message);
    const id = message.parent.msg_id;
    if (id) this.#executions.get(id)?.receive(message);
  }

  async #ask(request: Message): Promise<void> {
    const answer = this.#answers.get(request.parent.msg_id ?? "");
    if (request.header.msg_type !== "input_request" || !answer) return;
    const value = await answer(String(request.content.prompt ?? ""), request.content.password === true);
    const reply = newMessage("input_reply", { status: "ok", value }, this.#session, {
      parent: request.header,
    });
    void this.#senders.stdin.send(this.#codec.encode(reply));
  }
}
