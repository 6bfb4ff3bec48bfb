import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { Dealer, Subscriber } from "zeromq";
import {
  addressOf,
  Codec,
  type ConnectionInfo,
  type Header,
  newMessage,
  OrderedSender,
  parseObject,
} from "../wire/index.ts";

/** The channels of a kernel that a client of the server sees. */
export const channels = ["shell", "control", "stdin", "iopub"] as const;
/** One of them. */
export type KernelChannel = (typeof channels)[number];

/** A message between kernel and client of which only the headers have been read. */
export interface PassedMessage {
  readonly channel: KernelChannel;
  readonly header: Partial<Header>;
  readonly parent: Partial<Header>;
  /** Header, parent, metadata and content as JSON. */
  readonly parts: readonly Uint8Array[];
  readonly buffers: readonly Uint8Array[];
}

/** How long messages may be handled before the event loop gets its turn, in milliseconds. */
const LONGEST_TURN = 20;

/** The server's side of a kernel's ZeroMQ sockets, shared by all clients of the kernel. */
export class KernelSockets {
  /** The session under which the server itself asks; what comes of that concerns no client. */
  readonly session = randomUUID();
  /** Until stdin is connected, the kernel's questions would be lost without a trace. */
  readonly canBeAsked: Promise<void>;
  readonly #codec: Codec;
  readonly #sockets: { shell: Dealer; control: Dealer; stdin: Dealer; iopub: Subscriber };
  readonly #senders: Record<"shell" | "control" | "stdin", OrderedSender>;
  readonly #receive: (message: PassedMessage) => void;
  #closed = false;

  /** Connects at once; whether anything answers, only an answer tells. */
  constructor(connection: ConnectionInfo, receive: (message: PassedMessage) => void) {
    this.#codec = new Codec(connection);
    this.#receive = receive;
    // With the default high-water mark of 1,000 a burst of output is cut off. No linger: a dead kernel must not hold us.
    const options = { receiveHighWaterMark: 0, linger: 0 };
    // The kernel addresses its questions on stdin to the identity that asked on shell.
    const dealer = { ...options, sendHighWaterMark: 0, routingId: this.session };
    const sockets = {
      shell: new Dealer(dealer),
      control: new Dealer(dealer),
      stdin: new Dealer(dealer),
      iopub: new Subscriber(options),
    };
    this.#sockets = sockets;
    this.#senders = {
      shell: new OrderedSender(sockets.shell),
      control: new OrderedSender(sockets.control),
      stdin: new OrderedSender(sockets.stdin),
    };
    sockets.iopub.subscribe();
    this.canBeAsked = new Promise((resolve) => sockets.stdin.events.on("handshake", () => resolve()));
    for (const channel of channels) {
      sockets[channel].connect(addressOf(connection, channel));
      void this.#read(channel);
    }
  }

  /** Passes a client's message on. */
  send(channel: "shell" | "control" | "stdin", parts: readonly Uint8Array[], buffers: readonly Uint8Array[]): void {
    if (!this.#closed) void this.#senders[channel].send(this.#codec.seal({ identities: [], parts, buffers }));
  }

  /** Asks in the server's own name; the answer comes with its session as parent. */
  ask(channel: "shell" | "control", type: string, content: object = {}): void {
    if (!this.#closed) void this.#senders[channel].send(this.#codec.encode(newMessage(type, content, this.session)));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of Object.values(this.#sockets)) socket.close();
  }

  async #read(channel: KernelChannel): Promise<void> {
    let breathed = performance.now();
    try {
      for await (const frames of this.#sockets[channel]) {
        const sealed = this.#codec.open(frames);
        const [header, parent] = sealed ? sealed.parts.slice(0, 2).map(parseObject) : [];
        if (sealed && header && parent)
          this.#receive({ channel, header, parent, parts: sealed.parts, buffers: sealed.buffers });
        // Messages that are there already come without a turn of the event loop: a flood would hold up timers and signals.
        if (performance.now() - breathed < LONGEST_TURN) continue;
        await setImmediate();
        breathed = performance.now();
      }
    } catch (error) {
      // A socket that is closed in the middle of receiving complains.
      if (!this.#closed) throw error;
    }
  }
}
