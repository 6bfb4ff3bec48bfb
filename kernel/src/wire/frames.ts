import { createHmac, timingSafeEqual } from "node:crypto";
import type { ConnectionInfo } from "./connection.ts";
import type { Header, JsonObject, Message } from "./message.ts";

const delimiter = Buffer.from("<IDS|MSG>");
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The headers that came in, as they came: what answers a message carries its header unchanged, whatever is in it. */
const received = new WeakMap<object, Uint8Array>();

/** A message whose four parts (header, parent, metadata, content) are JSON that nobody has read. */
export interface SealedMessage {
  readonly identities: readonly Uint8Array[];
  readonly parts: readonly Uint8Array[];
  readonly buffers: readonly Uint8Array[];
}

/** Turns messages into signed ZeroMQ frames and back; the same for a kernel and for its clients. */
export class Codec {
  readonly #key: string;
  readonly #algorithm: string;

  constructor(connection: Pick<ConnectionInfo, "key" | "signature_scheme">) {
    this.#key = connection.key;
    this.#algorithm = connection.signature_scheme.replace(/^hmac-/, "");
  }

  /** The frames of a message: identities, delimiter, signature, four JSON parts, buffers. */
  encode(message: Message<object>): Buffer[] {
    const { identities, header, parent, metadata, content, buffers } = message;
    const parts = [header, parent, metadata, content].map(
      (part) => received.get(part) ?? Buffer.from(JSON.stringify(part)),
    );
    return this.seal({ identities, parts, buffers });
  }

  /** The frames of a message whose parts are JSON already: what is only passed on need not be parsed. */
  seal({ identities, parts, buffers }: SealedMessage): Buffer[] {
    return [
      ...identities.map(asBuffer),
      delimiter,
      Buffer.from(this.#sign(parts)),
      ...parts.map(asBuffer),
      ...buffers.map(asBuffer),
    ];
  }

  /** The message in these frames, or nothing when they are malformed or the signature is wrong. */
  decode(frames: readonly Uint8Array[]): Message | undefined {
    // The signature is checked before anything is parsed: strangers must not reach the parser.
    const opened = this.open(frames);
    if (!opened) return undefined;
    const [header, parent, metadata, content] = opened.parts.map(parseObject);
    if (!header || !parent || !metadata || !content || typeof header.msg_type !== "string") return undefined;
    received.set(header, opened.parts[0]!);
    return {
      identities: opened.identities,
      header: header as unknown as Header,
      parent: parent as unknown as Header,
      metadata,
      content,
      buffers: opened.buffers,
    };
  }

  /** The well-signed parts of a message, unread; nothing when the frames are malformed or the signature is wrong. */
  open(frames: readonly Uint8Array[]): SealedMessage | undefined {
    const at = frames.findIndex((frame) => delimiter.equals(frame));
    if (at < 0 || frames.length < at + 6) return undefined;
    const parts = frames.slice(at + 2, at + 6);
    if (!this.#signedBy(frames[at + 1]!, parts)) return undefined;
    return { identities: frames.slice(0, at), parts, buffers: frames.slice(at + 6) };
  }

  #sign(parts: readonly Uint8Array[]): string {
    if (this.#key === "") return "";
    const hmac = createHmac(this.#algorithm, this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }

  #signedBy(signature: Uint8Array, parts: readonly Uint8Array[]): boolean {
    if (this.#key === "") return true;
    const expected = Buffer.from(this.#sign(parts));
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The object that a part holds, or nothing when it is no JSON object. */
export function parseObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
