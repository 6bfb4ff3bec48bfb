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

/** Images with zeros around them, channel after channel, a few images at a time. */
export class Padded {
  readonly values: Float32Array;
  /** Floats of a row, of a channel and of an image. */
  readonly row: number;
  readonly plane: number;
  readonly image: number;
  readonly #x: View;
  readonly #order: Order;
  readonly #channels: number;
  readonly #rows: PaddedAxis;
  readonly #columns: PaddedAxis;

  /** Room for so many images of so many channels, and for floats after them that are read for nothing. */
  constructor(p: Problem, order: Order, channels: number, images: number, beyond: number) {
    [this.#x, this.#order, this.#channels] = [p.x, order, channels];
    [this.#rows, this.#columns] = [padAxis(p.rows), padAxis(p.columns)];
    this.row = this.#columns.length;
    this.plane = this.#rows.length * this.row;
    this.image = channels * this.plane;
    const length = images * this.image + beyond;
    this.values = room("images", length);
    // The borders stay zero, whatever images are copied in.
    this.values.fill(0, 0, length);
  }

  /** Copies images in, from the first channel on. */
  fill(blocks: Blocks, firstImage: number, images: number, firstChannel = 0): void {
    const { buffer, offset, strides } = this.#x;
    const [byImage, byChannel, byRow] = [strides[this.#order.image]!, strides[this.#order.channel]!, strides[2]!];
    const [rows, columns] = [this.#rows, this.#columns];
    if (rows.count === 0 || columns.count === 0) return;
    const values = valuesOf(buffer) as Float32Array;
    const start = offset + firstImage * byImage + firstChannel * byChannel + rows.from * byRow + columns.from;
    const to = rows.at * this.row + columns.at;
    const whole = byImage === this.#channels * byChannel || images === 1;
    const size = { blocks: whole ? images * this.#channels : this.#channels, rows: rows.count, width: columns.count };
    for (let i = 0; i < (whole ? 1 : images); i++)
      blocks.copy(
        { values, start: start + i * byImage, row: byRow, block: byChannel },
        { values: this.values, start: to + i * this.image, row: this.row, block: this.plane },
        size,
      );
  }

  /** From what an output reads first to what it reads for each channel and place: `[channels, rows, columns]`, in bytes. */
  offsets(channels: number, rows: number, columns: number, steps: readonly [number, number]): Int32Array {
    const offsets = new Int32Array(channels * rows * columns);
    let i = 0;
    for (let channel = 0; channel < channels; channel++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          offsets[i++] = (channel * this.plane + row * steps[0] * this.row + column * steps[1]) * 4;
    return offsets;
  }
}
