import type { DType, Shape, TypedArray } from "../device/device.ts";
import { hostArray } from "../device/host.ts";
import { tensorOf } from "../tensor/create.ts";
import { ArgumentError, IndexError } from "../tensor/errors.ts";
import { sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type DivisionOptions, foldIndices, splitIndices } from "./division.ts";
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

/** One example on the host: a number where a column has one value, else an array of them. */
export type Row<C extends Columns> = { readonly [K in keyof C]: number | TypedArray };

export interface SplitOptions<C extends Columns> extends Pick<DivisionOptions, "key"> {
  /** The column of classes of which every part gets its share. */
  readonly stratify?: keyof C & string;
  /** The column of whose each example is: all of one come into the same part. */
  readonly group?: keyof C & string;
}

/**
 * Examples in named columns.
 *
 * @example
 * ```ts
 * import { data, random } from "gradbook";
 *
 * const set = new data.Dataset({
 *   x: { values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), shape: [2], dtype: "float32" },
 *   label: { values: Int32Array.of(0, 1, 0, 1), shape: [], dtype: "int32" },
 * });
 * const [train, test] = set.split([0.5, 0.5], { key: random.seed(1), stratify: "label" });
 * for (const { x, label } of train.batches({ size: 2 })) console.log(x.shape, label.shape); // [ 2, 2 ] [ 2 ]
 * ```
 */
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
    this.#require(indices);
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
    return new Dataset(this.columns, this.#places().slice(from, to));
  }

  /** The examples at those places, in that order, without copying. */
  select(indices: ArrayLike<number>): Dataset<C> {
    this.#require(indices);
    return new Dataset(
      this.columns,
      Int32Array.from(indices, (index) => this.#place(index)),
    );
  }

  /** The examples of which that is true, without copying. */
  filter(keep: (row: Row<C>, index: number) => boolean): Dataset<C> {
    return new Dataset(
      this.columns,
      this.#places().filter((_, index) => keep(this.row(index), index)),
    );
  }

  /** One example on the host: its values as tensors would hold them. */
  row(index: number): Row<C> {
    this.#require([index]);
    const row: Record<string, number | TypedArray> = {};
    for (const [name, column] of Object.entries(this.columns)) {
      const values = this.#copied(column, [index]);
      row[name] = column.shape.length === 0 ? values[0]! : values;
    }
    return row as Row<C>;
  }

  /** These examples and then those of another set with the same columns. */
  concat(other: Dataset<C>): Dataset<C> {
    const columns: Record<string, Column> = {};
    for (const [name, { values: _values, scale: _scale, shift: _shift, ...column }] of Object.entries(this.columns)) {
      const further = other.columns[name];
      if (further === undefined || further.dtype !== column.dtype || further.shape.join() !== column.shape.join())
        throw new ArgumentError(
          "Dataset.concat",
          `the other set has no column ${name} of ${column.dtype} [${column.shape.join(", ")}].`,
        );
      const values = hostArray(column.dtype, (this.length + other.length) * sizeOf(column.shape));
      const mine = this.#copied(this.columns[name]!, this.#all());
      values.set(mine);
      values.set(other.#copied(further, other.#all()), mine.length);
      columns[name] = { ...column, values };
    }
    return new Dataset(columns as unknown as C);
  }

  /** Parts of these shares, which add up to 1: drawn by a key, in order if none is given. */
  split<const S extends readonly number[]>(shares: S, options: SplitOptions<C> = {}): { [I in keyof S]: Dataset<C> } {
    const parts = splitIndices(this.length, shares, this.#division(options)) as readonly Int32Array[];
    return parts.map((part) => this.select(part)) as { [I in keyof S]: Dataset<C> };
  }

  /** For cross-validation: so many divisions, in which each example is tested once. */
  folds(count: number, options: SplitOptions<C> = {}): { readonly train: Dataset<C>; readonly test: Dataset<C> }[] {
    return foldIndices(this.length, count, this.#division(options)).map(({ train, test }) => ({
      train: this.select(train),
      test: this.select(test),
    }));
  }

  /** Batches to iterate over, in order or shuffled by a key. */
  batches(options: LoaderOptions): Loader<Batch<C>> {
    return new Loader(this, options);
  }

  #require(indices: ArrayLike<number>): void {
    for (let i = 0; i < indices.length; i++) {
      if (!(Number.isInteger(indices[i]) && indices[i]! >= 0 && indices[i]! < this.length)) {
        throw new IndexError("Dataset", `example ${indices[i]} is outside 0 … ${this.length - 1}.`);
      }
    }
  }

  #division({ key, stratify, group }: SplitOptions<C>): DivisionOptions {
    const of = (name: keyof C & string) => {
      const column = this.columns[name];
      if (column === undefined || column.shape.length > 0)
        throw new ArgumentError(
          "Dataset.split",
          `${name} is no column of single values. Those are the columns: ${Object.keys(this.columns).join(", ")}.`,
        );
      return this.#copied(column, this.#all());
    };
    return {
      ...(key === undefined ? {} : { key }),
      ...(stratify === undefined ? {} : { stratify: of(stratify) }),
      ...(group === undefined ? {} : { group: of(group) }),
    };
  }

  #all(): Int32Array {
    return Int32Array.from({ length: this.length }, (_, i) => i);
  }

  #places(): Int32Array {
    return this.#order ?? this.#all();
  }

  #place(index: number): number {
    return this.#order === null ? index : this.#order[index]!;
  }

  #gathered(column: Column, indices: ArrayLike<number>): Tensor {
    return tensorOf(this.#copied(column, indices), column.dtype, [indices.length, ...column.shape]);
  }

  #copied(column: Column, indices: ArrayLike<number>): TypedArray {
    const { values, shape, dtype, scale = 1, shift = 0 } = column;
    const size = sizeOf(shape);
    const out = hostArray(dtype, indices.length * size);
    const plain = scale === 1 && shift === 0;
    for (let i = 0; i < indices.length; i++) {
      const from = this.#place(indices[i]!) * size;
      if (plain) out.set(values.subarray(from, from + size), i * size);
      else for (let k = 0, to = i * size; k < size; k++) out[to + k] = values[from + k]! * scale + shift;
    }
    return out;
  }
}
