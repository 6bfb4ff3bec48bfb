import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dealer, Request, Subscriber } from "zeromq";
import { addressOf, type ConnectionInfo } from "../src/wire/connection.ts";
import { Codec } from "../src/wire/frames.ts";
import { type JsonObject, type Message, newMessage } from "../src/wire/message.ts";
import { OrderedSender } from "../src/wire/ordered-sender.ts";
import { spawnKernel } from "./spawn-kernel.ts";

/** A message as tests look at it: content without types. */
// biome-ignore lint/suspicious/noExplicitAny: tests compare content of any shape.
export type Received = Message<any> & { readonly at: number };

/** What came of a cell. */
export interface CellRun {
  readonly reply: Received;
  /** Everything published under the cell's request, in order. */
  readonly published: readonly Received[];
  readonly stdout: string;
  readonly stderr: string;
  /** `text/plain` of the result. */
  readonly result: string | undefined;
}

/** A kernel process with a client on real sockets: what every test of the protocol talks to. */
export class TestKernel {
  readonly process: ChildProcess;
  readonly connection: ConnectionInfo;
  readonly published: Received[] = [];
  readonly #codec: Codec;
  readonly #session = randomUUID();
  // Questions go to the identity that asked on shell.
  readonly #dealers = {
    shell: new Dealer({ routingId: this.#session }),
    control: new Dealer({ routingId: this.#session }),
    stdin: new Dealer({ routingId: this.#session }),
  };
  readonly #senders = {
    shell: new OrderedSender(this.#dealers.shell),
    control: new OrderedSender(this.#dealers.control),
    stdin: new OrderedSender(this.#dealers.stdin),
  };
  /** What the kernel has asked on stdin. */
  readonly questions: Received[] = [];
  #asked = 0;
  readonly #iopub = new Subscriber({ receiveHighWaterMark: 0 });
  /** What came to this client alone. */
  readonly replies: Received[] = [];
  readonly #listeners = new Set<() => void>();

  private constructor(child: ChildProcess, connection: ConnectionInfo) {
    this.process = child;
    this.connection = connection;
    this.#codec = new Codec(connection);
  }

  /** Starts a kernel, by default in an empty folder, and waits until it answers. */
  static async start(
    options: { folder?: string; env?: Record<string, string>; patience?: number } = {},
  ): Promise<TestKernel> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "gradbook-test-")));
    for (;;) {
      const spawned = await spawnKernel(folder, options.env);
      try {
        return await TestKernel.attach(spawned.child, spawned.connection, options.patience);
      } catch (error) {
        const errors = await spawned.errors();
        // Between our choosing a port and the kernel's binding it, another test's program may have bound it.
        if (!errors.includes("is taken by another program")) throw new Error(`${(error as Error).message} ${errors}`);
      } finally {
        await spawned.forget();
      }
    }
  }

  /** A client of a kernel whose process was started elsewhere; waits until it answers. */
  static async attach(child: ChildProcess, connection: ConnectionInfo, patience?: number): Promise<TestKernel> {
    const kernel = new TestKernel(child, connection);
    try {
      await kernel.#connect(patience);
      return kernel;
    } catch (error) {
      kernel.disconnect();
      throw error;
    }
  }

  /** A second client of the same kernel. */
  anotherClient(): Promise<TestKernel> {
    return TestKernel.attach(this.process, this.connection);
  }

  async #connect(patience?: number): Promise<void> {
    this.#iopub.connect(addressOf(this.connection, "iopub"));
    this.#iopub.subscribe("");
    for (const channel of ["shell", "control", "stdin"] as const) {
      this.#dealers[channel].connect(addressOf(this.connection, channel));
      void this.#receive(this.#dealers[channel], channel === "stdin" ? this.questions : this.replies);
    }
    void this.#receive(this.#iopub, this.published);
    const ended = new Promise<never>((_, reject) => {
      this.process.once("exit", (code) => reject(new Error(`TestKernel: the kernel ended with ${code}.`)));
    });
    ended.catch(() => undefined);
    await Promise.race([this.reply(this.send("shell", "kernel_info_request", {}), patience), ended]);
    await this.until(() => this.published.some((message) => message.header.msg_type === "iopub_welcome"), patience);
  }

  async #receive(socket: Dealer | Subscriber, into: Received[]): Promise<void> {
    try {
      for await (const frames of socket) {
        const message = this.#codec.decode(frames);
        if (message) into.push({ ...message, at: performance.now() });
        for (const listener of this.#listeners) listener();
      }
    } catch {
      // The socket was closed.
    }
  }

  /** Calls back with everything that is published from now on. */
  onPublished(listener: (message: Received) => void): void {
    let seen = this.published.length;
    this.#listeners.add(() => {
      while (seen < this.published.length) listener(this.published[seen++]!);
    });
  }

  /** Resolves as soon as the condition holds after a message; rejects after the given time. */
  until(condition: () => boolean, milliseconds = 45_000, what: () => string = () => `${condition}`): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const listener = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#listeners.delete(listener);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#listeners.delete(listener);
        reject(new Error(`TestKernel: nothing of the kind came within ${milliseconds} ms: ${what()}`));
      }, milliseconds);
      this.#listeners.add(listener);
    });
  }

  /** Sends a message without waiting; returns its id. */
  send(
    channel: "shell" | "control" | "stdin",
    type: string,
    content: object,
    {
      codec = this.#codec,
      metadata = {},
      buffers = [],
      subshell,
    }: { codec?: Codec; metadata?: JsonObject; buffers?: readonly Uint8Array[]; subshell?: string } = {},
  ): string {
    const plain = newMessage(type, content, this.#session, { metadata, buffers });
    const header = subshell === undefined ? plain.header : { ...plain.header, subshell_id: subshell };
    const message = { ...plain, header };
    void this.#senders[channel].send(codec.encode(message));
    return message.header.msg_id;
  }

  /** Sends a message and waits for its reply. */
  async request(channel: "shell" | "control", type: string, content: object): Promise<Received> {
    return this.reply(this.send(channel, type, content));
  }

  /** The reply to a message sent before. */
  async reply(id: string, milliseconds?: number): Promise<Received> {
    const find = () => this.replies.find((message) => message.parent.msg_id === id);
    const last = () =>
      JSON.stringify(
        this.publishedUnder(id)
          .slice(-3)
          .map(({ header, content }) => [header, content]),
      );
    await this.until(
      () => find() !== undefined,
      milliseconds,
      () => `a reply; last published: ${last()}`,
    );
    return find()!;
  }

  /** What has been published under a message so far. */
  publishedUnder(id: string): Received[] {
    return this.published.filter((message) => message.parent.msg_id === id);
  }

  /** Waits for the message of a type published under a request. */
  async message(id: string, type: string, milliseconds?: number): Promise<Received> {
    const find = () => this.publishedUnder(id).find((message) => message.header.msg_type === type);
    await this.until(() => find() !== undefined, milliseconds);
    return find()!;
  }

  /** Starts a cell without waiting for its end; returns the request's id. */
  begin(code: string, options: JsonObject = {}, metadata: JsonObject = {}, subshell?: string): string {
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
      ...options,
    };
    return this.send("shell", "execute_request", content, { metadata, ...(subshell && { subshell }) });
  }

  /** Runs a cell and waits for its reply and its idle status. */
  async run(code: string, options: JsonObject = {}, metadata: JsonObject = {}): Promise<CellRun> {
    return this.end(this.begin(code, options, metadata));
  }

  /** Waits for a cell begun before. */
  async end(id: string): Promise<CellRun> {
    const reply = await this.reply(id);
    await this.until(() => this.publishedUnder(id).some((message) => message.content.execution_state === "idle"));
    const published = this.publishedUnder(id);
    const stream = (name: string) =>
      published
        .filter((message) => message.header.msg_type === "stream" && message.content.name === name)
        .map((message) => message.content.text as string)
        .join("");
    const result = published.find((message) => message.header.msg_type === "execute_result");
    return {
      reply,
      published,
      stdout: stream("stdout"),
      stderr: stream("stderr"),
      result: result?.content.data["text/plain"],
    };
  }

  /** Waits for the kernel's next question, and answers it unless nothing is given. */
  async question(answer?: string): Promise<Received> {
    await this.until(() => this.questions.length > this.#asked);
    const question = this.questions[this.#asked++]!;
    if (answer !== undefined) this.send("stdin", "input_reply", { value: answer });
    return question;
  }

  /** Interrupts through the control channel. */
  interrupt(): Promise<Received> {
    return this.request("control", "interrupt_request", {});
  }

  /** Whether the heartbeat answers within the given time. */
  async beats(milliseconds = 2000): Promise<boolean> {
    const heart = new Request({ receiveTimeout: milliseconds, linger: 0 });
    heart.connect(addressOf(this.connection, "hb"));
    try {
      await heart.send("ping");
      const [answer] = await heart.receive();
      return answer?.toString() === "ping";
    } catch {
      return false;
    } finally {
      heart.close();
    }
  }

  /** Ends the kernel. */
  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const gone = new Promise((resolve) => this.process.once("exit", resolve));
      this.send("control", "shutdown_request", { restart: false });
      const timer = setTimeout(() => this.process.kill("SIGKILL"), 5000);
      await gone;
      clearTimeout(timer);
    }
    this.disconnect();
  }

  /** Leaves the kernel to its other clients. */
  disconnect(): void {
    for (const socket of [...Object.values(this.#dealers), this.#iopub]) {
      socket.linger = 0;
      socket.close();
    }
  }
}

/** A traceback without colours. */
export function plain(traceback: readonly string[]): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
  return traceback.join("\n").replace(/\u001b\[[0-9;]*m/g, "");
}
