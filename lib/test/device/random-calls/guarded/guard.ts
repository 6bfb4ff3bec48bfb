import type { Arrays, DType } from "../../../../src/device/device.ts";

const constructors = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array };
/** Bytes before and behind an array. */
const GUARD = 512;
/** What they hold. */
const PATTERN = 0xa5;
const WORD = 0xa5a5a5a5 | 0;

interface Guarded {
  readonly memory: ArrayBuffer;
  readonly bytes: number;
}
let arrays: Guarded[] = [];

/** An array between guards; its elements are zero, or what guards hold. */
export function guardedArray<D extends DType>(dtype: D, length: number, zeroed: boolean): Arrays[D] {
  const constructor = constructors[dtype];
  // Refused as without guards.
  if (!(length >= 0 && length < 2 ** 26)) return new constructor(length) as unknown as Arrays[D];
  const count = Math.trunc(length);
  const bytes = count * constructor.BYTES_PER_ELEMENT;
  const memory = new ArrayBuffer(GUARD + Math.ceil(bytes / 8) * 8 + GUARD);
  new Uint8Array(memory).fill(PATTERN);
  const array = new constructor(memory, GUARD, count);
  if (zeroed) array.fill(0);
  arrays.push({ memory, bytes });
  return array as unknown as Arrays[D];
}

/** Whether nothing has been written over the guards of the arrays since the last time; those are forgotten. */
export function areGuardsWhole(): boolean {
  const whole = arrays.every(({ memory, bytes }) => {
    const tail = new Uint8Array(memory, GUARD + bytes);
    const after = GUARD + Math.ceil(bytes / 8) * 8;
    return (
      new Int32Array(memory, 0, GUARD / 4).every((word) => word === WORD) &&
      tail.subarray(0, after - GUARD - bytes).every((byte) => byte === PATTERN) &&
      new Int32Array(memory, after, GUARD / 4).every((word) => word === WORD)
    );
  });
  arrays = [];
  return whole;
}
