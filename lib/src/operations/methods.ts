import { type DeviceName, deviceNamed } from "../device/current.ts";
import type { DType } from "../device/device.ts";
import { tensorOf } from "../tensor/create.ts";
import { materialise } from "../tensor/lazy.ts";
import { Tensor, type TensorLike } from "../tensor/tensor.ts";
import { cast, type OperationFunction } from "./define.ts";
import type { Kind, Result } from "./record.ts";
import type * as table from "./table.ts";

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : [];

/** Every operation of the table as a method: what it takes after its first tensor. */
type Methods<Table, D extends DType> = {
  [Name in keyof Table]: Table[Name] extends OperationFunction<
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
    /** The same values on another device. */
    to(device: DeviceName): Promise<Tensor<D>>;
  }
}

Tensor.prototype.cast = function <E extends DType>(this: Tensor, dtype: E) {
  return cast(this, dtype);
};
Tensor.prototype.to = async function (this: Tensor, name: DeviceName) {
  const device = deviceNamed(name);
  if (device === this.device) return this;
  materialise(this);
  return tensorOf(await this.data(), this.dtype, this.shape, device);
} as Tensor["to"];
