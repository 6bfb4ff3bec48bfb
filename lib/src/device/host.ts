import type { Arrays, DType } from "./device.ts";

const constructors = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array };

/** Zeroed memory of the host for `length` elements of a dtype. */
export function hostArray<D extends DType>(dtype: D, length: number): Arrays[D] {
  return new constructors[dtype](length) as unknown as Arrays[D];
}

/** Bytes from which it pays to leave memory as it is found. */
const LARGE = 1 << 11;
/** More than so many Node gives in no other way. */
const MOST = 2 ** 31;
const { Buffer } = globalThis as { Buffer?: { allocUnsafeSlow(bytes: number): Uint8Array<ArrayBuffer> } };

/** Memory of the host that holds anything, for who writes every element of it. */
export function hostArrayToFill<D extends DType>(dtype: D, length: number): Arrays[D] {
  const bytes = length * constructors[dtype].BYTES_PER_ELEMENT;
  if (bytes < LARGE || bytes > MOST || Buffer === undefined) return hostArray(dtype, length);
  return new constructors[dtype](Buffer.allocUnsafeSlow(bytes).buffer) as unknown as Arrays[D];
}
