import type { Buffer, DType, TypedArray } from "../device.ts";

/** A buffer of the CPU devices: an ordinary typed array that the garbage collector owns. */
export interface CpuBuffer extends Buffer {
  readonly values: TypedArray;
}

export function wrap(values: TypedArray, dtype: DType): CpuBuffer {
  return { dtype, length: values.length, values };
}

export function valuesOf(buffer: Buffer): TypedArray {
  return (buffer as CpuBuffer).values;
}
