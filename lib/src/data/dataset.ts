import type { DType, Shape, TypedArray } from "../device/device.ts";
import { hostArray } from "../device/host.ts";
import { tensorOf } from "../tensor/create.ts";
import { ArgumentError, IndexError } from "../tensor/errors.ts";
import { sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Loader, type LoaderOptions } from "./loader.ts";

/** One named part of every example: compact on the host, a tensor when a batch is made. */
export interface Column<D extends DType = DType> {
  /** The values of all examples, one after another; bytes for images. */
  readonly values: TypedArray | Uint8Array;
  /** Shape of one example. */
  readonly shape: Shape;
  readonly dtype: D;
  /** Tensor value = stored value · scale + shift. */
  readonly scale?: number;
  readonly shift?: number;
}

export type Columns = { readonly [name: string]: Column };
/** A batch, or one example: a tensor for each column. */
export type Batch<C extends Columns> = { readonly [K in keyof C]: C[K] extends Column<infer D> ? Tensor<D> : never };

/** Examples in named columns. */
export class Dataset<C extends Columns> {
  readonly columns: C;
  readonly length: number;
  readonly #order: Int32Array | null;

  constructor(columns: C, order: Int32Array | null = null) {
    this.columns = columns;
    this.#order = order;
    const lengths = Object.entries(columns).map(([name, { values, shape }]) => ({
      name,
      n: values.length / sizeOf(shape),
    }));
    const first = lengths[0];
    if (first === undefined) throw new ArgumentError("Dataset", "no columns, expected at least one.");
    const broken = lengths.find(({ n }) => !Number.isInteger(n));
    if (broken !== undefined) {
      throw new ArgumentError(
        "Dataset",
        `${broken.name} has ${broken.n} examples; its values do not fill its shape a whole number of times.`,
      );
    }
    const odd = lengths.find(({ n }) => n !== first.n);
    if (odd !== undefined)
      throw new ArgumentError(
        "Dataset",
        `${first.name} has ${first.n} examples, ${odd.name} has ${odd.n}; expected as many of each.`,
      );
    this.length = order === null ? first.n : order.length;
  }

  /** The examples at those places, as one batch. */
  gather(indices: ArrayLike<number>): Batch<C> {
    for (let i = 0; i < indices.length; i++) {
      if (!(Number.isInteger(indices[i]) && indices[i]! >= 0 && indices[i]! < this.length)) {
        throw new IndexError("Dataset", `example ${indices[i]} is outside 0 … ${this.length - 1}.`);
      }
    }
    const batch: Record<string, Tensor> = {};
    for (const [name, column] of Object.entries(this.columns)) batch[name] = this.#gathered(column, indices);
    return batch as Batch<C>;
  }

  /** One example, without the batch axis. */
  at(index: number): Batch<C> {
    const one = this.gather([index < 0 ? index + this.length : index]);
    return Object.fromEntries(
      Object.entries(one).map(([name, tensor]) => [name, (tensor as Tensor).squeeze(0)]),
    ) as Batch<C>;
  }

  /** Examples `from` up to, but not including, `to`, without copying; negative places count from the end. */
  slice(from: number, to = this.length): Dataset<C> {
    const places = Int32Array.from({ length: this.length }, (_, i) => this.#place(i));
    return new Dataset(this.columns, places.slice(from, to));
  }

  /** Batches to iterate over, in order or shuffled by a key. */
  batches(options: LoaderOptions): Loader<Batch<C>> {
    return new Loader(this, options);
  }

  #place(index: number): number {
    return this.#order === null ? index : this.#order[index]!;
  }

  #gathered(column: Column, indices: ArrayLike<number>): Tensor {
    const { values, shape, dtype, scale = 1, shift = 0 } = column;
    const size = sizeOf(shape);
    const out = hostArray(dtype, indices.length * size);
    const plain = scale === 1 && shift === 0;
    for (let i = 0; i < indices.length; i++) {
      const from = this.#place(indices[i]!) * size;
      if (plain) out.set(values.subarray(from, from + size), i * size);
      else for (let k = 0, to = i * size; k < size; k++) out[to + k] = values[from + k]! * scale + shift;
    }
    return tensorOf(out, dtype, [indices.length, ...shape]);
  }
}
