import type { Arrays, DType } from "./device.ts";

const constructors = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array };

/** Zeroed memory of the host for `length` elements of a dtype. */
export function hostArray<D extends DType>(dtype: D, length: number): Arrays[D] {
  return new constructors[dtype](length) as unknown as Arrays[D];
}
