/**
 * Planes of values as the shared state and the saved notebook carry them: all digits of float32 where there are few,
 * a byte each where there are many.
 */
export interface Packed {
  /** […, height, width] */
  readonly shape: readonly number[];
  /** Whether the values are float32. Otherwise they are bytes: 0 … 254 from a plane's lowest to its highest value. */
  readonly exact: boolean;
  readonly values: ArrayBufferView;
  /** The lowest and the highest finite value of each plane; empty where the values are exact. */
  readonly ranges: ArrayBufferView;
}

/** The byte for a value that is not finite. */
const notFinite = 255;
const steps = 254;

/** How many values planes of a shape have. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Packs the first `countOf(shape)` values. */
export function pack(shape: readonly number[], values: ArrayLike<number>, exact: boolean): Packed {
  const count = countOf(shape);
  if (exact) {
    const floats = new Float32Array(count);
    for (let i = 0; i < count; i++) floats[i] = Number(values[i]);
    return { shape, exact, values: floats, ranges: new Float32Array(0) };
  }
  const size = shape.at(-1)! * shape.at(-2)!;
  const bytes = new Uint8Array(count);
  const ranges = new Float32Array((2 * count) / size);
  for (let start = 0, plane = 0; start < count; start += size, plane++) {
    const [low, high] = extent(values, start, start + size);
    ranges.set([low, high], 2 * plane);
    const length = high - low;
    for (let i = start; i < start + size; i++) {
      const value = Number(values[i]);
      if (!Number.isFinite(value)) bytes[i] = notFinite;
      else bytes[i] = length > 0 ? Math.round((steps * (value - low)) / length) : 0;
    }
  }
  return { shape, exact, values: bytes, ranges };
}

/** The values, as float32; what was not finite is NaN where they were bytes. */
export function unpack({ shape, exact, values, ranges }: Packed): Float32Array {
  if (exact) return new Float32Array(copied(values));
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const ends = new Float32Array(copied(ranges));
  const size = shape.at(-1)! * shape.at(-2)!;
  const floats = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const plane = Math.floor(i / size);
    const [low, high] = [ends[2 * plane]!, ends[2 * plane + 1]!];
    floats[i] = bytes[i] === notFinite ? Number.NaN : low + (bytes[i]! / steps) * (high - low);
  }
  return floats;
}

/** How many bytes planes take. */
export function bytesOf(shape: readonly number[], exact: boolean): number {
  const count = countOf(shape);
  return exact ? 4 * count : count + (8 * count) / (shape.at(-1)! * shape.at(-2)!);
}

function extent(values: ArrayLike<number>, start: number, end: number): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = start; i < end; i++) {
    const value = Math.fround(Number(values[i]));
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? [Number.NaN, Number.NaN] : [low, high];
}

/** The bytes in a buffer of their own: they arrive in the page at any offset. */
function copied({ buffer, byteOffset, byteLength }: ArrayBufferView): ArrayBuffer {
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
