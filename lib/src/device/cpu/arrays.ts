import type { Arrays, DType, TypedArray } from "../device.ts";
import { hostArray } from "../host.ts";

const constructors = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array };

/** Bytes from which it pays to leave memory as it is found, and to keep what is given back. */
const LARGE = 1 << 11;
/** More bytes than so many Node gives in no other way. */
const MOST = 2 ** 31;
/** Bytes that are kept at most. */
const MOST_KEPT = 2 ** 30;
const { Buffer } = globalThis as { Buffer?: { allocUnsafeSlow(bytes: number): Uint8Array<ArrayBuffer> } };

/** Memory that was given back, by its size in bytes. */
interface Spare {
  readonly bySize: Map<number, ArrayBufferLike[]>;
  bytes: number;
}
const none = (): Spare => ({ bySize: new Map(), bytes: 0 });
/** The garbage collector takes it when it goes through everything, as it does where memory is short. */
let kept = new WeakRef(none());

/** Memory that holds anything, for who writes every element of it. */
export function arrayToFill<D extends DType>(dtype: D, length: number): Arrays[D] {
  const bytes = length * constructors[dtype].BYTES_PER_ELEMENT;
  if (bytes < LARGE || bytes > MOST || Buffer === undefined) return hostArray(dtype, length);
  const memory = takeSpare(bytes) ?? Buffer.allocUnsafeSlow(bytes).buffer;
  return new constructors[dtype](memory as ArrayBuffer) as unknown as Arrays[D];
}

/** Memory that holds zeros. */
export function zeroedArray<D extends DType>(dtype: D, length: number): Arrays[D] {
  const bytes = length * constructors[dtype].BYTES_PER_ELEMENT;
  const memory = bytes < LARGE ? undefined : takeSpare(bytes);
  if (memory === undefined) return hostArray(dtype, length);
  return new constructors[dtype](memory as ArrayBuffer).fill(0) as unknown as Arrays[D];
}

function takeSpare(bytes: number): ArrayBufferLike | undefined {
  const spare = kept.deref();
  const memory = spare?.bySize.get(bytes)?.pop();
  if (memory !== undefined) spare!.bytes -= bytes;
  return memory;
}

/**
 * Keeps the memory of an array that nobody uses any more, for the next one of its size: loops make the same arrays again
 * and again, and each that is new brings the garbage collector nearer.
 */
export function giveBack({ buffer, byteLength: bytes }: TypedArray): void {
  if (bytes < LARGE || bytes !== buffer.byteLength) return;
  let spare = kept.deref();
  if (spare === undefined) {
    spare = none();
    kept = new WeakRef(spare);
  }
  if (spare.bytes + bytes > MOST_KEPT) return;
  spare.bytes += bytes;
  const same = spare.bySize.get(bytes);
  if (same === undefined) spare.bySize.set(bytes, [buffer]);
  else same.push(buffer);
}
