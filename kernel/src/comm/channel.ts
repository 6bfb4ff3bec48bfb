import { randomUUID } from "node:crypto";
import type { Comm, CommListener, CommMessage, CommOptions } from "./contract.ts";
import { bytesOf, toJson } from "./json.ts";
import type { CommEvent } from "./messages.ts";

/** The runtime's end of a comm. */
export class CommChannel implements Comm {
  readonly id: string;
  readonly target: string;
  readonly #send: (event: CommEvent) => void;
  readonly #onMessage = new Set<CommListener>();
  readonly #onClose = new Set<CommListener>();
  #closed = false;

  constructor(target: string, send: (event: CommEvent) => void, id: string = randomUUID()) {
    this.target = target;
    this.id = id;
    this.#send = send;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Tells the page of a comm that starts here. */
  open(data: unknown = {}, options?: CommOptions): void {
    this.#send({ ...this.#event("open", "comms.open", data, options), target: this.target });
  }

  send(data: unknown, options?: CommOptions): void {
    if (this.#closed)
      throw new Error(`comm.send: the comm at ${this.target} is closed, expected an open one. Open another.`);
    this.#send(this.#event("message", "comm.send", data, options));
  }

  onMessage(listener: CommListener): () => void {
    this.#onMessage.add(listener);
    return () => this.#onMessage.delete(listener);
  }

  onClose(listener: CommListener): () => void {
    this.#onClose.add(listener);
    return () => this.#onClose.delete(listener);
  }

  close(data: unknown = {}, options?: CommOptions): void {
    if (this.#closed) return;
    const event = this.#event("close", "comm.close", data, options);
    this.#closed = true;
    this.#send(event);
  }

  /** Who is to be called for what the other end has sent. */
  received(action: "message" | "close"): readonly CommListener[] {
    if (action === "close") this.#closed = true;
    return [...(action === "close" ? this.#onClose : this.#onMessage)];
  }

  #event(action: CommEvent["action"], who: string, data: unknown, options: CommOptions = {}): CommEvent {
    const { metadata = {}, buffers = [] } = options;
    return {
      action,
      commId: this.id,
      data: toJson(data, who, "data"),
      metadata: toJson(metadata, who, "metadata") as Record<string, unknown>,
      ...(buffers.length > 0 && { buffers: buffers.map(bytesOf) }),
    };
  }
}

/** What has come, as listeners get it. */
export function messageOf({ data, metadata, buffers = [] }: CommEvent): CommMessage {
  return {
    data,
    metadata,
    buffers: buffers.map(({ buffer, byteOffset, byteLength }) => new DataView(buffer, byteOffset, byteLength)),
  };
}
