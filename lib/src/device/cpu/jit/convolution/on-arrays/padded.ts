import type { View } from "../../../../device.ts";
import { valuesOf } from "../../../buffer.ts";
import type { Blocks } from "../../../x86/blocks/blocks.ts";
import type { Axis } from "../geometry.ts";
import type { Problem } from "../problem.ts";
import { room } from "./room.ts";

/** Of a view's four axes, the one that counts images and the one that counts their channels. */
export interface Order {
  readonly image: 0 | 1;
  readonly channel: 0 | 1;
}

/** Elements of an axis with the zeros around it, and what of the input lies where among them. */
interface PaddedAxis {
  readonly length: number;
  readonly at: number;
  readonly from: number;
  readonly count: number;
}

/** What the outputs of an axis read, from the first to the last. */
export const paddedLength = ({ taps, outputs, stride, dilation }: Axis) =>
  (outputs - 1) * stride + (taps - 1) * dilation + 1;

function padAxis(axis: Axis): PaddedAxis {
  const { inputs, before } = axis;
  const length = paddedLength(axis);
  const at = Math.max(0, before);
  return { length, at, from: at - before, count: Math.max(0, Math.min(length, before + inputs) - at) };
}

/** Floats of a line of the cache. */
const LINE = 16;
/** Planes that are a multiple of so many floats apart crowd a few places of the first-level cache. */
const CROWDED = 64;

const apart = (plane: number) => (plane % CROWDED === 0 ? plane + LINE : plane);

/** Steps of a training loop ask for the same offsets again and again. */
const remembered = new Map<string, Int32Array>();
const mostRemembered = 64;

/** Images with zeros around them, some at a time. */
export class Padded {
  readonly values: Float32Array;
  /** Floats from a row to the next, from a channel, and from an image. */
  readonly row: number;
  readonly channel: number;
  readonly image: number;
  readonly #x: View;
  readonly #order: Order;
  readonly #channels: number;
  readonly #rows: PaddedAxis;
  readonly #columns: PaddedAxis;

  /**
   * Room for so many images of so many channels, and for floats after them that are read for nothing. The channels of an
   * image lie side by side, or the images of a channel: whatever is read together should.
   */
  constructor(p: Problem, order: Order, channels: number, images: number, beyond: number, byChannel = false) {
    [this.#x, this.#order, this.#channels] = [p.x, order, channels];
    [this.#rows, this.#columns] = [padAxis(p.rows), padAxis(p.columns)];
    this.row = this.#columns.length;
    const plane = apart(this.#rows.length * this.row);
    [this.channel, this.image] = byChannel ? [images * plane, plane] : [plane, channels * plane];
    const length = images * channels * plane + beyond;
    this.values = room("images", length);
    const whole = [this.#rows, this.#columns].every(({ count, length }) => count === length);
    // The borders stay zero, whatever images are copied in.
    this.values.fill(0, whole ? length - beyond : 0, length);
  }

  /** Copies images in, from the first channel on. */
  fill(blocks: Blocks, firstImage: number, images: number, firstChannel = 0): void {
    const { buffer, offset, strides } = this.#x;
    const byImage = { count: images, from: strides[this.#order.image]!, to: this.image };
    const byChannel = { count: this.#channels, from: strides[this.#order.channel]!, to: this.channel };
    const [rows, columns] = [this.#rows, this.#columns];
    if (rows.count === 0 || columns.count === 0) return;
    const values = valuesOf(buffer) as Float32Array;
    const byRow = strides[2]!;
    const start = offset + firstImage * byImage.from + firstChannel * byChannel.from + rows.from * byRow + columns.from;
    const to = rows.at * this.row + columns.at;
    const [outer, inner] = this.image > this.channel ? [byImage, byChannel] : [byChannel, byImage];
    const whole = outer.count === 1 || (outer.from === inner.count * inner.from && outer.to === inner.count * inner.to);
    const count = whole ? outer.count * inner.count : inner.count;
    const size = { blocks: count, rows: rows.count, width: columns.count };
    for (let i = 0; i < (whole ? 1 : outer.count); i++)
      blocks.copy(
        { values, start: start + i * outer.from, row: byRow, block: inner.from },
        { values: this.values, start: to + i * outer.to, row: this.row, block: inner.to },
        size,
      );
  }

  /** From what an output reads first to what it reads for each channel and place: `[channels, rows, columns]`, in bytes. */
  offsets(channels: number, rows: number, columns: number, steps: readonly [number, number]): Int32Array {
    const key = [channels, rows, columns, ...steps, this.channel, this.row].join();
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const offsets = new Int32Array(channels * rows * columns);
    if (remembered.size >= mostRemembered) remembered.delete(remembered.keys().next().value!);
    if (offsets.length <= 1 << 16) remembered.set(key, offsets);
    let i = 0;
    for (let channel = 0; channel < channels; channel++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          offsets[i++] = (channel * this.channel + row * steps[0] * this.row + column * steps[1]) * 4;
    return offsets;
  }
}
