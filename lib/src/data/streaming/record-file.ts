import type { FileHandle } from "node:fs/promises";
import type { DType, Shape } from "../../device/device.ts";
import { hostArray } from "../../device/host.ts";
import { open } from "../../device/node.ts";
import { tensorOf } from "../../tensor/create.ts";
import { ArgumentError, DataError, IndexError } from "../../tensor/errors.ts";
import { sizeOf } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type LoaderOptions, placesOf } from "../loader.ts";
import { Stream } from "./stream.ts";

/** How numbers lie in a record, the lowest byte first. */
export type Stored = "uint8" | "int8" | "int16" | "int32" | "float32" | "float64";

const bytesOf: Readonly<Record<Stored, number>> = { uint8: 1, int8: 1, int16: 2, int32: 4, float32: 4, float64: 8 };

/** One named part of every record. */
export interface Field<D extends DType = DType> {
  /** Where in the record it begins, in bytes. */
  readonly offset: number;
  readonly stored: Stored;
  /** Shape of one example. */
  readonly shape: Shape;
  readonly dtype: D;
  /** Tensor value = stored value · scale + shift. */
  readonly scale?: number;
  readonly shift?: number;
}

type Fields = { readonly [name: string]: Field };
type RecordBatch<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer D> ? Tensor<D> : never };

export interface RecordLayout<F extends Fields> {
  /** Bytes of a record. */
  readonly size: number;
  /** Bytes before the first record; 0 if not said. */
  readonly header?: number;
  readonly fields: F;
}

/**
 * A file of records of equal length, such as those of CIFAR-10 and MNIST, that stays on disk: batches in any order are
 * read as they are needed.
 */
export class RecordFile<F extends Fields> {
  /** Records in the file. */
  readonly length: number;
  readonly #file: FileHandle;
  readonly #layout: RecordLayout<F>;

  private constructor(file: FileHandle, layout: RecordLayout<F>, length: number) {
    this.#file = file;
    this.#layout = layout;
    this.length = length;
  }

  /** @throws DataError when there is no such file or records do not fill it. */
  static async open<const F extends Fields>(path: string, layout: RecordLayout<F>): Promise<RecordFile<F>> {
    const { size, header = 0, fields } = layout;
    for (const [name, { offset, stored, shape }] of Object.entries(fields))
      if (!(offset >= 0 && offset + sizeOf(shape) * bytesOf[stored] <= size))
        throw new ArgumentError("RecordFile", `${name} does not lie within the ${size} bytes of a record.`);
    const file = await open(path).catch((error: NodeJS.ErrnoException) => {
      throw new DataError(
        "RecordFile",
        `${path}: ${error.code === "ENOENT" ? "there is no such file" : error.message}.`,
      );
    });
    const length = ((await file.stat()).size - header) / size;
    if (Number.isInteger(length) && length > 0) return new RecordFile(file, layout, length);
    await file.close();
    throw new DataError(
      "RecordFile",
      `${path} holds ${length} records of ${size} bytes, expected a whole number of them.`,
    );
  }

  /** The records at those places, as one batch. */
  async gather(indices: ArrayLike<number>): Promise<RecordBatch<F>> {
    const { size, header = 0, fields } = this.#layout;
    const bytes = new Uint8Array(indices.length * size);
    await Promise.all(
      Array.from(indices, async (index, i) => {
        if (!(Number.isInteger(index) && index >= 0 && index < this.length))
          throw new IndexError("RecordFile", `record ${index} is outside 0 … ${this.length - 1}.`);
        await this.#file.read(bytes, i * size, size, header + index * size);
      }),
    );
    const view = new DataView(bytes.buffer);
    const batch: Record<string, Tensor> = {};
    for (const [name, { offset, stored, shape, dtype, scale = 1, shift = 0 }] of Object.entries(fields)) {
      const count = sizeOf(shape);
      const values = hostArray(dtype, indices.length * count);
      for (let i = 0; i < indices.length; i++)
        for (let k = 0; k < count; k++)
          values[i * count + k] = read(view, stored, i * size + offset + k * bytesOf[stored]) * scale + shift;
      batch[name] = tensorOf(values as never, dtype, [indices.length, ...shape]);
    }
    return batch as RecordBatch<F>;
  }

  /** Batches to iterate over, in order or shuffled by a key; `prefetch` of them, one if not said, are read ahead. */
  batches({ prefetch = 1, ...options }: LoaderOptions & { readonly prefetch?: number }): Stream<RecordBatch<F>> {
    const { size } = options;
    if (!Number.isInteger(size) || size < 1)
      throw new ArgumentError("batches", `size is ${size}, expected a positive integer.`);
    const { length } = this;
    const batches = new Stream((epoch) => placesOf(length, options, epoch)).map((places) => this.gather(places));
    return prefetch === 0 ? batches : batches.prefetch(prefetch);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function read(view: DataView, stored: Stored, at: number): number {
  switch (stored) {
    case "uint8":
      return view.getUint8(at);
    case "int8":
      return view.getInt8(at);
    case "int16":
      return view.getInt16(at, true);
    case "int32":
      return view.getInt32(at, true);
    case "float32":
      return view.getFloat32(at, true);
    case "float64":
      return view.getFloat64(at, true);
  }
}
