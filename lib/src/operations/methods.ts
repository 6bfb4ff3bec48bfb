import { type DeviceName, deviceNamed } from "../device/current.ts";
import type { DType } from "../device/device.ts";
import { tensorOf } from "../tensor/create.ts";
import { materialise } from "../tensor/lazy.ts";
import { Tensor, type TensorLike } from "../tensor/tensor.ts";
import { addAt, at, type Index, set } from "./at.ts";
import { cast, type OperationFunction } from "./define.ts";
import type { Kind, Result } from "./record.ts";
import type * as table from "./table.ts";

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : [];

/** Every operation of the table as a method: what it takes after its first tensor. */
type Methods<Table, D extends DType> = {
  [Name in keyof Table as Table[Name] extends { readonly operation: unknown }
    ? Name
    : never]: Table[Name] extends OperationFunction<
    infer Inputs extends readonly TensorLike[],
    infer Rest extends readonly unknown[],
    infer K extends Kind
  >
    ? (...args: [...Tail<Inputs>, ...Rest]) => Tensor<Result<K, D>>
    : never;
};

declare module "../tensor/tensor.ts" {
  interface Tensor<D extends DType = DType> extends Methods<Omit<typeof table, "where">, D> {
    /** The same values in another dtype: towards zero for integers, anything but zero is true. */
    cast<E extends DType>(dtype: E): Tensor<E>;
    /** With a condition: `x` where it holds, `y` elsewhere; all three broadcast. */
    where<E extends DType = "float32">(x: Tensor<E> | number, y: Tensor<E> | number): Tensor<E>;
    /**
     * The part that an index names, as numpy writes it: `x.at(0, "1:-1", "...", null)`, with int32 tensors for lists of
     * places.
     */
    at(...index: readonly Index[]): Tensor<D>;
    /** The tensor with `y` (which broadcasts) at the places that an index names: `x.set([0, "1:3"], y)`. */
    set(index: readonly Index[], y: Tensor | number): Tensor<D>;
    /** The tensor with `y` (which broadcasts) added at the places that an index names. */
    addAt(index: readonly Index[], y: Tensor | number): Tensor<D>;
    /** The same values on another device. */
    to(device: DeviceName): Promise<Tensor<D>>;
  }
}

Tensor.prototype.cast = function <E extends DType>(this: Tensor, dtype: E) {
  return cast(this, dtype);
};
Tensor.prototype.at = function (this: Tensor, ...index) {
  return at(this, ...index);
};
Tensor.prototype.set = function (this: Tensor, index, y) {
  return set(this, index, y);
};
Tensor.prototype.addAt = function (this: Tensor, index, y) {
  return addAt(this, index, y);
};
Tensor.prototype.to = async function (this: Tensor, name: DeviceName) {
  const device = deviceNamed(name);
  if (device === this.device) return this;
  materialise(this);
  return tensorOf(await this.data(), this.dtype, this.shape, device);
} as Tensor["to"];
