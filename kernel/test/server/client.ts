import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";

export interface Received {
  channel: string;
  header: { msg_type: string; session: string };
  parent_header: { msg_id?: string };
  content: Record<string, unknown>;
  buffers: Buffer[];
}

export const BINARY = "v1.kernel.websocket.jupyter.org";

/** A client of a kernel's WebSocket that knows both protocols by itself, without the library that we use. */
export class ChannelClient {
  readonly messages: Received[] = [];
  readonly session: string;
  readonly #socket: WebSocket;
  #wake = () => {};

  private constructor(socket: WebSocket, session: string) {
    this.#socket = socket;
    this.session = session;
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      this.messages.push(socket.protocol === BINARY ? ofBinary(data) : ofJson(data, isBinary));
      this.#wake();
    });
  }

  static async open(
    { url, token }: { url: string; token: string },
    kernel: string,
    { session = randomUUID() as string, binary = false, headers = {} as Record<string, string> } = {},
  ): Promise<ChannelClient> {
    const address = `${url.replace("http", "ws")}api/kernels/${kernel}/channels?session_id=${session}&token=${token}`;
    const socket = new WebSocket(address, binary ? [BINARY] : [], { headers });
    const client = new ChannelClient(socket, session);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  send(type: string, content: object, { channel = "shell", buffers = [] as Buffer[] } = {}): string {
    const header = {
      msg_id: randomUUID(),
      session: this.session,
      username: "",
      date: "",
      msg_type: type,
      version: "5.3",
    };
    const parts = [header, {}, {}, content];
    if (this.#socket.protocol === BINARY) {
      const pieces = [Buffer.from(channel), ...parts.map((part) => Buffer.from(JSON.stringify(part))), ...buffers];
      const offsets = [8 * (pieces.length + 2)];
      for (const piece of pieces) offsets.push(offsets.at(-1)! + piece.length);
      const head = Buffer.from(new BigUint64Array([offsets.length, ...offsets].map(BigInt)).buffer);
      this.#socket.send(Buffer.concat([head, ...pieces]));
    } else {
      const [, parent_header, metadata] = parts;
      this.#socket.send(JSON.stringify({ channel, header, parent_header, metadata, content, buffers: [] }));
    }
    return header.msg_id;
  }

  /** Sends anything. */
  raw(data: string | Buffer): void {
    this.#socket.send(data);
  }

  execute(code: string): string {
    return this.send("execute_request", { code, silent: false, allow_stdin: true, stop_on_error: true });
  }

  /** Waits for a message. */
  async until(wanted: (message: Received) => boolean): Promise<Received> {
    for (;;) {
      const found = this.messages.find(wanted);
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Waits for the end of an execution; gives what it printed. */
  async finished(id: string): Promise<string> {
    const mine = (message: Received) => message.parent_header.msg_id === id;
    await this.until((message) => mine(message) && message.header.msg_type === "execute_reply");
    await this.until((message) => mine(message) && message.content.execution_state === "idle");
    return this.messages
      .filter((message) => mine(message) && message.header.msg_type === "stream")
      .map(({ content }) => content.text)
      .join("");
  }

  /** Breaks the connection, as a network does. */
  async drop(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.once("close", resolve));
    this.#socket.terminate();
    await closed;
  }
}

function ofBinary(data: Buffer): Received {
  const count = Number(data.readBigUInt64LE(0));
  const offsets = Array.from({ length: count }, (_, index) => Number(data.readBigUInt64LE(8 * (index + 1))));
  const pieces = offsets.slice(0, -1).map((from, index) => data.subarray(from, offsets[index + 1]));
  const [header, parent_header, , content] = pieces.slice(1, 5).map((piece) => JSON.parse(piece.toString()));
  return { channel: pieces[0]!.toString(), header, parent_header, content, buffers: pieces.slice(5) };
}

function ofJson(data: Buffer, isBinary: boolean): Received {
  if (!isBinary) return { ...JSON.parse(data.toString()), buffers: [] };
  const count = data.readUInt32BE(0);
  const offsets = Array.from({ length: count }, (_, index) => data.readUInt32BE(4 * (index + 1)));
  const pieces = offsets.map((from, index) => data.subarray(from, offsets[index + 1] ?? data.length));
  return { ...JSON.parse(pieces[0]!.toString()), buffers: pieces.slice(1) };
}
