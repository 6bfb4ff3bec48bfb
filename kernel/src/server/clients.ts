import type { WebSocket } from "ws";
import { newHeader } from "../wire/index.ts";
import type { PassedMessage } from "./kernel-sockets.ts";
import { BINARY_PROTOCOL, binaryCodec, jsonCodec, type WebSocketCodec } from "./websocket-messages.ts";

/** What is kept for one client that is away, in bytes. */
const MOST_KEPT = 64 * 1024 * 1024;
/** How much may be on the way to one client, in bytes. One that takes nothing more is as good as away. */
const MOST_ON_THE_WAY = 256 * 1024 * 1024;
/** For how many clients that are away messages are kept. */
const MOST_AWAY = 8;

/** A program that talks with a kernel, across its connections: a page that is reconnecting is still the same client. */
interface Client {
  /** The sessions under which it asks: replies go to whoever asked. */
  readonly sessions: Set<string>;
  socket: WebSocket | undefined;
  codec: WebSocketCodec;
  /** What came while it was away. */
  waiting: PassedMessage[];
  waitingBytes: number;
  /** Messages that were too many to keep. */
  lost: number;
}

/** The clients of one kernel. What the kernel says while a client is away is kept, and given to it when it is back. */
export class Clients {
  readonly #clients = new Map<string, Client>();

  /** How many are connected now. */
  get connected(): number {
    return [...this.#clients.values()].filter(({ socket }) => socket).length;
  }

  /** Connects a client, or connects it again: first it is given what it has missed. */
  connect(session: string, socket: WebSocket, receive: (message: PassedMessage) => void): void {
    const codec = socket.protocol === BINARY_PROTOCOL ? binaryCodec : jsonCodec;
    const client: Client = this.#clients.get(session) ?? {
      sessions: new Set([session]),
      socket,
      codec,
      waiting: [],
      waitingBytes: 0,
      lost: 0,
    };
    if (client.socket !== socket) client.socket?.terminate();
    Object.assign(client, { socket, codec });
    // Anew at the end of the map, which thus is in the order in which clients came.
    this.#clients.delete(session);
    this.#clients.set(session, client);
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      const message = codec.decode(data, isBinary);
      // Malformed messages are dropped without an answer, as a kernel does.
      if (!message) return;
      if (message.header.session) client.sessions.add(message.header.session);
      receive(message);
    });
    socket.on("close", () => {
      if (client.socket !== socket) return;
      client.socket = undefined;
      this.#forgetTheOldest();
    });
    // What is wrong with a connection is followed by its end.
    socket.on("error", () => {});
    this.#giveMissed(client);
  }

  /** Gives a kernel's message to whom it concerns: publications to all, replies and questions to whoever asked. */
  deliver(message: PassedMessage): void {
    for (const client of this.#clients.values())
      if (message.channel === "iopub" || client.sessions.has(message.parent.session ?? "")) this.#give(client, message);
  }

  /** Ends all connections. A client that is told 1001 does not try again. */
  close(): void {
    for (const { socket } of this.#clients.values()) {
      socket?.close(1001);
      // A client that does not answer the goodbye must not hold up the server.
      setTimeout(() => socket?.terminate(), 500).unref();
    }
    this.#clients.clear();
  }

  #give(client: Client, message: PassedMessage): void {
    if (client.socket && client.socket.bufferedAmount > MOST_ON_THE_WAY) {
      client.socket.terminate();
      client.socket = undefined;
    }
    if (client.socket) {
      client.socket.send(client.codec.encode(message));
      return;
    }
    const size = sizeOf(message);
    if (client.waitingBytes + size > MOST_KEPT) client.lost++;
    else {
      client.waiting.push(message);
      client.waitingBytes += size;
    }
  }

  #giveMissed(client: Client): void {
    const { waiting, lost } = client;
    Object.assign(client, { waiting: [], waitingBytes: 0, lost: 0 });
    for (const message of waiting) this.#give(client, message);
    const last = waiting.at(-1);
    if (lost === 0 || !last) return;
    const text = `While nobody was connected, ${lost} messages of the kernel were too many to keep.\n`;
    this.#give(client, serverMessage("stream", { name: "stderr", text }, last.header.session ?? "", last.parent));
  }

  #forgetTheOldest(): void {
    const away = [...this.#clients].filter(([, { socket }]) => !socket);
    for (const [session] of away.slice(0, Math.max(0, away.length - MOST_AWAY))) this.#clients.delete(session);
  }
}

/**
 * A publication of the server, in the kernel's name.
 * @param session the kernel's: clients take a change of session for a new kernel, and drop what was under way.
 */
export function serverMessage(type: string, content: object, session: string, parent: object = {}): PassedMessage {
  const header = newHeader(type, session);
  const parts = [header, parent, {}, content].map((part) => Buffer.from(JSON.stringify(part)));
  return { channel: "iopub", header, parent, parts, buffers: [] };
}

function sizeOf({ parts, buffers }: PassedMessage): number {
  return [...parts, ...buffers].reduce((sum, { length }) => sum + length, 0);
}
