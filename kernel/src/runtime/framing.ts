/** What a frame can carry beside its JSON: bytes, as they are. */
export interface WithBuffers {
  readonly buffers?: readonly Uint8Array[];
}

const headBytes = 8;
const lengthBytes = 6;

/**
 * A value as one frame: the length of its JSON, the number of its buffers and their lengths; the JSON; the buffers,
 * which are handed through without a copy.
 */
export function encodeFrame(value: object & WithBuffers): Uint8Array[] {
  const { buffers = [] } = value;
  const json = JSON.stringify(value, buffers.length > 0 ? withoutBuffers(value) : undefined);
  const start = headBytes + lengthBytes * buffers.length;
  const length = Buffer.byteLength(json);
  const head = Buffer.allocUnsafe(start + length);
  head.writeUInt32LE(length, 0);
  head.writeUInt32LE(buffers.length, 4);
  buffers.forEach((buffer, index) => {
    head.writeUIntLE(buffer.byteLength, headBytes + lengthBytes * index, lengthBytes);
  });
  head.write(json, start);
  return [head, ...buffers];
}

function withoutBuffers(frame: object): (this: unknown, name: string, value: unknown) => unknown {
  return function (name, value) {
    return this === frame && name === "buffers" ? undefined : value;
  };
}

/** Puts frames together from a stream of bytes; each byte is copied once, each buffer has memory of its own. */
export class FrameReader<Value extends object> {
  readonly #head = Buffer.allocUnsafe(headBytes);
  #part: Buffer = this.#head;
  #filled = 0;
  #lengths: Buffer | undefined;
  #json: Buffer | undefined;
  #buffers: Buffer[] = [];
  #expected = 0;

  /** Takes the next bytes and yields every frame that they complete. */
  *read(bytes: Uint8Array): Generator<Value> {
    for (let at = 0; ; ) {
      const taken = Math.min(this.#part.length - this.#filled, bytes.length - at);
      this.#part.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled < this.#part.length) return;
      this.#filled = 0;
      const value = this.#next();
      if (value) yield value;
    }
  }

  /** The part being read is whole: goes on to the next one, or ends the frame. */
  #next(): Value | undefined {
    if (this.#part === this.#head) {
      this.#expected = this.#head.readUInt32LE(4);
      if (this.#expected === 0) this.#part = this.#startJson();
      else this.#part = this.#lengths = Buffer.allocUnsafe(lengthBytes * this.#expected);
      return undefined;
    }
    if (this.#part === this.#lengths) {
      this.#part = this.#startJson();
      return undefined;
    }
    if (this.#part !== this.#json) this.#buffers.push(this.#part);
    if (this.#buffers.length < this.#expected) {
      const length = this.#lengths!.readUIntLE(lengthBytes * this.#buffers.length, lengthBytes);
      // Not from the pool: whoever gets the buffer may take its memory over.
      this.#part = Buffer.allocUnsafeSlow(length);
      return undefined;
    }
    return this.#end();
  }

  #startJson(): Buffer {
    this.#json = Buffer.allocUnsafe(this.#head.readUInt32LE(0));
    return this.#json;
  }

  #end(): Value {
    const value = JSON.parse(this.#json!.toString()) as Value;
    const buffers = this.#buffers;
    this.#part = this.#head;
    this.#json = this.#lengths = undefined;
    this.#buffers = [];
    return buffers.length > 0 ? { ...value, buffers } : value;
  }
}
