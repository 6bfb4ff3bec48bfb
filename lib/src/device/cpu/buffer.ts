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

const kinds = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array };

/** Refuses an array that does not hold what its dtype says: loops and kernels go by the dtype alone. */
export function requireKind(values: TypedArray, dtype: DType): void {
  if (!(values instanceof kinds[dtype])) throw new RangeError(`cpu: ${values.constructor.name} given as ${dtype}.`);
}
