/** A value as one frame: its length in four bytes, then JSON. */
export function encodeFrame(value: object): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  const frame = Buffer.allocUnsafe(4 + body.length);
  frame.writeUInt32LE(body.length);
  body.copy(frame, 4);
  return frame;
}

/** Puts frames together from a stream of bytes. */
export class FrameReader<Value> {
  #parts: Buffer[] = [];
  #length = 0;

  /** Takes the next bytes and yields every frame that they complete. */
  *read(bytes: Buffer): Generator<Value> {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    while (this.#length >= 4) {
      const head = this.#parts[0]!.length >= 4 ? this.#parts[0]! : this.#joined();
      const end = 4 + head.readUInt32LE(0);
      if (this.#length < end) return;
      const all = this.#joined();
      this.#parts = all.length > end ? [all.subarray(end)] : [];
      this.#length -= end;
      yield JSON.parse(all.toString("utf8", 4, end)) as Value;
    }
  }

  #joined(): Buffer {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts)];
    return this.#parts[0]!;
  }
}
