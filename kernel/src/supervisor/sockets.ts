import { rm } from "node:fs/promises";
import { Router, XPublisher } from "zeromq";
import { Problem } from "../problem.ts";
import { addressOf, type Channel, type ConnectionInfo, channels } from "../wire/connection.ts";
import { Codec } from "../wire/frames.ts";
import { type Header, type JsonObject, type Message, newMessage } from "../wire/message.ts";
import { OrderedSender } from "../wire/ordered-sender.ts";
import { Publisher, unreadLimit } from "./publisher.ts";

/** The channels on which requests come. */
export type RequestChannel = "shell" | "control";

/** A request, and the channel to answer it on. */
export interface Request<Content = JsonObject> extends Message<Content> {
  readonly channel: RequestChannel;
}

/** The kernel's side of the five sockets. */
export class KernelSockets {
  readonly #connection: ConnectionInfo;
  readonly #codec: Codec;
  readonly #session: string;
  // A high-water mark would drop output silently as soon as a client reads more slowly than a cell prints.
  readonly #routers = {
    shell: new Router({ sendHighWaterMark: 0, receiveHighWaterMark: 0 }),
    control: new Router({ sendHighWaterMark: 0, receiveHighWaterMark: 0 }),
  };
  readonly #stdin = new Router({ sendHighWaterMark: 0, receiveHighWaterMark: 0 });
  // A reply socket would wait for ever for the answer to a malformed beat to be sent.
  readonly #heartbeat = new Router({ sendHighWaterMark: 0 });
  readonly #iopub = new XPublisher({ sendHighWaterMark: unreadLimit, verbosity: "allSubs" });
  readonly #publisher = new Publisher(this.#iopub);
  readonly #senders: Readonly<Record<RequestChannel | "stdin", OrderedSender>>;

  constructor(connection: ConnectionInfo, session: string) {
    this.#connection = connection;
    this.#codec = new Codec(connection);
    this.#session = session;
    this.#senders = {
      shell: new OrderedSender(this.#routers.shell),
      control: new OrderedSender(this.#routers.control),
      stdin: new OrderedSender(this.#stdin),
    };
  }

  /** Told when clients read more slowly than the kernel publishes, and when that is over. */
  set onPressure(listener: (pressed: boolean) => void) {
    this.#publisher.onPressure = listener;
  }

  /** Binds all sockets and hands every well-signed request to `handle`, what comes on stdin to `handleInput`. */
  async open(handle: (request: Request) => void, handleInput: (message: Message) => void): Promise<void> {
    const bind = async (socket: Router | XPublisher, channel: Channel) => {
      const address = addressOf(this.#connection, channel);
      await socket.bind(address).catch((error: NodeJS.ErrnoException) => {
        const what = error.code === "EADDRINUSE" ? "is taken by another program" : `is refused: ${error.message}`;
        throw new Problem(
          `Gradbook kernel: ${address}, for ${channel}, ${what}, expected a free port. Start the kernel again: its client then chooses other ports.`,
        );
      });
    };
    // All of them come to an end before the first failure is told: a socket that is binding cannot be closed.
    const bound = await Promise.allSettled([
      bind(this.#routers.shell, "shell"),
      bind(this.#routers.control, "control"),
      bind(this.#stdin, "stdin"),
      bind(this.#heartbeat, "hb"),
      bind(this.#iopub, "iopub"),
    ]);
    for (const result of bound) if (result.status === "rejected") throw result.reason;
    const { shell, control } = this.#routers;
    void untilClosed(this.#receive(shell, (message) => handle({ ...message, channel: "shell" })));
    void untilClosed(this.#receive(control, (message) => handle({ ...message, channel: "control" })));
    void untilClosed(this.#receive(this.#stdin, handleInput));
    void untilClosed(this.#beat());
    void untilClosed(this.#welcome());
  }

  /** Publishes to all clients what a request has caused. */
  publish(
    type: string,
    content: object,
    parent: Header | undefined,
    metadata: JsonObject = {},
    buffers: readonly Uint8Array[] = [],
  ): Promise<void> {
    const identities = [Buffer.from(type)];
    const message = newMessage(type, content, this.#session, { identities, parent: parent ?? {}, metadata, buffers });
    return this.#publisher.send(this.#codec.encode(message));
  }

  reply(request: Request<unknown>, type: string, content: object): Promise<void> {
    const { identities, header: parent, channel } = request;
    return this.#senders[channel].send(
      this.#codec.encode(newMessage(type, content, this.#session, { identities, parent })),
    );
  }

  /** Asks a client something on stdin: the one whose request has the given identities. */
  ask(identities: readonly Uint8Array[], type: string, content: object, parent: Header): Promise<void> {
    return this.#senders.stdin.send(
      this.#codec.encode(newMessage(type, content, this.#session, { identities, parent })),
    );
  }

  /** Closes the sockets when everything has been sent. */
  async close(): Promise<void> {
    await Promise.all([this.#publisher.close(), ...Object.values(this.#senders).map((sender) => sender.drained())]);
    for (const socket of [...Object.values(this.#routers), this.#stdin, this.#heartbeat, this.#iopub]) {
      socket.linger = 1000;
      socket.close();
    }
    if (this.#connection.transport !== "ipc") return;
    for (const channel of channels)
      await rm(addressOf(this.#connection, channel).replace("ipc://", ""), { force: true });
  }

  async #receive(socket: Router, handle: (message: Message) => void): Promise<void> {
    for await (const frames of socket) {
      // Malformed and unsigned messages are dropped without an answer.
      const message = this.#codec.decode(frames);
      if (message) handle(message);
    }
  }

  async #beat(): Promise<void> {
    for await (const frames of this.#heartbeat) await this.#heartbeat.send(frames);
  }

  // Tells a new subscriber that its subscription stands: what is published from now on reaches it.
  async #welcome(): Promise<void> {
    for await (const [event] of this.#iopub) {
      if (event?.[0] !== 1) continue;
      const topic = event.subarray(1);
      const content = { subscription: topic.toString() };
      const message = newMessage("iopub_welcome", content, this.#session, { identities: [topic] });
      void this.#publisher.send(this.#codec.encode(message));
    }
  }
}

// Receiving throws when the socket is closed: that is its end.
async function untilClosed(loop: Promise<void>): Promise<void> {
  try {
    await loop;
  } catch (error) {
    if (!["ENOTSOCK", "EAGAIN", "EBADF"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
