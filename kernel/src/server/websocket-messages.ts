import { parseObject } from "../wire/index.ts";
import { channels, type KernelChannel, type PassedMessage } from "./kernel-sockets.ts";

/** The binary form of messages that today's clients ask for; without it they get the older form, JSON. */
export const BINARY_PROTOCOL = "v1.kernel.websocket.jupyter.org";

/** A message in the form in which it goes over a WebSocket. */
export type WebSocketData = Uint8Array | string;

/** Translates between a WebSocket's messages and the parts that ZeroMQ carries. */
export interface WebSocketCodec {
  encode(message: PassedMessage): WebSocketData;
  /** Nothing when the data are no message of a client. */
  decode(data: Buffer, isBinary: boolean): PassedMessage | undefined;
}

/** Offsets as 64-bit numbers, then channel, the four JSON parts as they are, and buffers. */
export const binaryCodec: WebSocketCodec = {
  encode({ channel, parts, buffers }) {
    const pieces = [Buffer.from(channel), ...parts, ...buffers];
    const head = Buffer.alloc(8 * (pieces.length + 2));
    head.writeBigUInt64LE(BigInt(pieces.length + 1), 0);
    let at = head.length;
    pieces.forEach((piece, index) => {
      head.writeBigUInt64LE(BigInt(at), 8 * (index + 1));
      at += piece.length;
    });
    head.writeBigUInt64LE(BigInt(at), 8 * (pieces.length + 1));
    return Buffer.concat([head, ...pieces]);
  },
  decode(data) {
    const pieces = cut(data, 8, (at) => Number(data.readBigUInt64LE(at)), true);
    if (!pieces || pieces.length < 5) return undefined;
    return passed(pieces[0]!.toString(), pieces.slice(1, 5), pieces.slice(5));
  },
};

/** One JSON object; with buffers, a count and offsets as 32-bit numbers in front of it and the buffers behind. */
export const jsonCodec: WebSocketCodec = {
  encode({ channel, header, parts, buffers }) {
    const [head, parent, metadata, content] = parts.map((part) => Buffer.from(part).toString());
    const names = `"msg_id":${JSON.stringify(header.msg_id)},"msg_type":${JSON.stringify(header.msg_type)}`;
    const json = `{"channel":"${channel}","header":${head},${names},"parent_header":${parent},"metadata":${metadata},"content":${content},"buffers":[]}`;
    if (buffers.length === 0) return json;
    const pieces = [Buffer.from(json), ...buffers];
    const offsets = Buffer.alloc(4 * (pieces.length + 1));
    offsets.writeUInt32BE(pieces.length, 0);
    let at = offsets.length;
    pieces.forEach((piece, index) => {
      offsets.writeUInt32BE(at, 4 * (index + 1));
      at += piece.length;
    });
    return Buffer.concat([offsets, ...pieces]);
  },
  decode(data, isBinary) {
    const pieces = isBinary ? cut(data, 4, (at) => data.readUInt32BE(at), false) : [data];
    const message = pieces?.[0] && parseObject(pieces[0]);
    if (!pieces || !message) return undefined;
    const { header, parent_header, metadata, content, channel = "shell" } = message;
    const parts = [header, parent_header, metadata, content].map((part) => Buffer.from(JSON.stringify(part ?? {})));
    return passed(String(channel), parts, pieces.slice(1));
  },
};

/** The pieces between offsets; nothing when the offsets point anywhere else. */
function cut(data: Buffer, width: number, read: (at: number) => number, hasEnd: boolean): Buffer[] | undefined {
  if (data.length < width) return undefined;
  const count = read(0);
  if (count < 1 || width * (count + 1) > data.length) return undefined;
  const offsets = Array.from({ length: count }, (_, index) => read(width * (index + 1)));
  if (!hasEnd) offsets.push(data.length);
  const pieces: Buffer[] = [];
  for (let index = 0; index + 1 < offsets.length; index++) {
    const [from, to] = [offsets[index]!, offsets[index + 1]!];
    if (from < width * (count + 1) || to < from || to > data.length) return undefined;
    pieces.push(data.subarray(from, to));
  }
  return pieces;
}

function passed(channel: string, parts: Buffer[], buffers: Buffer[]): PassedMessage | undefined {
  const [header, parent, ...rest] = parts.map(parseObject);
  if (!header || !parent || !rest.every((part) => part) || typeof header.msg_type !== "string") return undefined;
  if (!(channels as readonly string[]).includes(channel) || channel === "iopub") return undefined;
  return { channel: channel as KernelChannel, header, parent, parts, buffers };
}
