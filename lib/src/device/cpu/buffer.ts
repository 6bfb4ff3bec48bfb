import type { Arrays, Buffer, DType, TypedArray } from "../device.ts";

/** A buffer of the CPU devices: an ordinary typed array that the garbage collector owns. */
export interface CpuBuffer extends Buffer {
  readonly values: TypedArray;
}

const constructors = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array };

/** Fresh zeroed storage for `length` elements. */
export function allocate<D extends DType>(dtype: D, length: number): Arrays[D] {
  return new constructors[dtype](length) as unknown as Arrays[D];
}

export function wrap(values: TypedArray, dtype: DType): CpuBuffer {
  return { dtype, length: values.length, values };
}

export function valuesOf(buffer: Buffer): TypedArray {
  return (buffer as CpuBuffer).values;
}
