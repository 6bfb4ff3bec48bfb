import type { DType, TypedArray } from "../device/device.ts";
import { DTypeError } from "../tensor/errors.ts";

/** The kinds of numbers that files hold. */
export type NumberFormat =
  | "bool"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float8_e4m3"
  | "float8_e5m2"
  | "float16"
  | "bfloat16"
  | "float32"
  | "float64";

/** Floats of fewer bits, in which files may hold float32 values. */
export type ShortFloat = "float16" | "bfloat16";

interface Reading {
  /** Bytes of one number. */
  readonly bytes: number;
  /** The dtype in which every number of the kind that fits is exact. */
  readonly dtype: DType;
}

/** How files' numbers become ours: never rounded. Integers that int32 cannot hold are refused. */
export const formats: Readonly<Record<NumberFormat, Reading>> = {
  bool: { bytes: 1, dtype: "bool" },
  int8: { bytes: 1, dtype: "int32" },
  uint8: { bytes: 1, dtype: "int32" },
  int16: { bytes: 2, dtype: "int32" },
  uint16: { bytes: 2, dtype: "int32" },
  int32: { bytes: 4, dtype: "int32" },
  uint32: { bytes: 4, dtype: "int32" },
  int64: { bytes: 8, dtype: "int32" },
  uint64: { bytes: 8, dtype: "int32" },
  float8_e4m3: { bytes: 1, dtype: "float32" },
  float8_e5m2: { bytes: 1, dtype: "float32" },
  float16: { bytes: 2, dtype: "float32" },
  bfloat16: { bytes: 2, dtype: "float32" },
  float32: { bytes: 4, dtype: "float32" },
  float64: { bytes: 8, dtype: "float64" },
};

const hostIsLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** A copy of the bytes, aligned, each number's in the host's order. */
function inHostOrder(bytes: Uint8Array, size: number, bigEndian: boolean): ArrayBuffer {
  // Not bytes.slice(), which for a Buffer of Node's copies nothing.
  const copy = new Uint8Array(bytes);
  if (size > 1 && bigEndian === hostIsLittle)
    for (let at = 0; at < copy.length; at += size) copy.subarray(at, at + size).reverse();
  return copy.buffer;
}

/** Whose numbers are read, for messages. */
export interface Origin {
  /** The file. */
  readonly who: string;
  /** The tensor in it. */
  readonly name: string;
  readonly bigEndian?: boolean;
}

/** Numbers of a file in the dtype that holds them. The bytes are copied. */
export function decode(format: NumberFormat, bytes: Uint8Array, origin: Origin): TypedArray {
  const buffer = inHostOrder(bytes, formats[format].bytes, origin.bigEndian === true);
  switch (format) {
    case "bool":
      return new Uint8Array(buffer).map((byte) => (byte === 0 ? 0 : 1));
    case "int8":
      return Int32Array.from(new Int8Array(buffer));
    case "uint8":
      return Int32Array.from(new Uint8Array(buffer));
    case "int16":
      return Int32Array.from(new Int16Array(buffer));
    case "uint16":
      return Int32Array.from(new Uint16Array(buffer));
    case "int32":
      return new Int32Array(buffer);
    case "uint32":
      return narrowed(new Uint32Array(buffer), format, origin);
    case "int64":
      return narrowed(new BigInt64Array(buffer), format, origin);
    case "uint64":
      return narrowed(new BigUint64Array(buffer), format, origin);
    case "float32":
      return new Float32Array(buffer);
    case "float64":
      return new Float64Array(buffer);
    case "bfloat16": {
      const words = new Uint16Array(buffer);
      return new Float32Array(Uint32Array.from(words, (word) => word << 16).buffer);
    }
    case "float16":
      return widened(new Uint16Array(buffer), { exponent: 5, fraction: 10 });
    case "float8_e5m2":
      return widened(new Uint8Array(buffer), { exponent: 5, fraction: 2 });
    case "float8_e4m3":
      return widened(new Uint8Array(buffer), { exponent: 4, fraction: 3, finite: true });
  }
}

type Whole = Uint32Array | BigInt64Array | BigUint64Array;

/** Integers as int32, where each of them fits. */
function narrowed(values: Whole, format: string, { who, name }: Origin): Int32Array {
  const out = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]!);
    if (value !== (value | 0)) {
      throw new DTypeError(
        who,
        `${name} is ${format} and holds ${values[i]} at place ${i}, expected numbers of −2147483648 … 2147483647, which int32 can hold. Save it as float64.`,
      );
    }
    out[i] = value;
  }
  return out;
}

interface FloatBits {
  readonly exponent: number;
  readonly fraction: number;
  /** Without infinities: only all ones are NaN (Micikevicius et al. 2022). */
  readonly finite?: boolean;
}

/** Short floats as float32, by a table of all of them. */
function widened(words: Uint16Array | Uint8Array, kind: FloatBits): Float32Array {
  const table = tableOf(kind);
  const out = new Float32Array(words.length);
  for (let i = 0; i < words.length; i++) out[i] = table[words[i]!]!;
  return out;
}

const tables = new Map<number, Float32Array>();

function tableOf({ exponent, fraction, finite = false }: FloatBits): Float32Array {
  const key = exponent * 16 + fraction;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const bias = 2 ** (exponent - 1) - 1;
  const top = 2 ** exponent - 1;
  const steps = 2 ** fraction;
  const table = Float32Array.from({ length: 2 * (top + 1) * steps }, (_, word) => {
    const sign = word >= (top + 1) * steps ? -1 : 1;
    const power = Math.floor(word / steps) % (top + 1);
    const part = word % steps;
    if (power === top && finite && part === steps - 1) return Number.NaN;
    if (power === top && !finite) return part === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return power === 0 ? sign * part * 2 ** (1 - bias - fraction) : sign * (1 + part / steps) * 2 ** (power - bias);
  });
  tables.set(key, table);
  return table;
}

/** The bytes of values, in a file's order (little-endian); float32 values rounded to fewer bits if asked. */
export function encode(values: TypedArray, short?: ShortFloat): Uint8Array {
  const stored = short !== undefined && values instanceof Float32Array ? shortened(values, short) : values;
  const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  return hostIsLittle ? bytes : new Uint8Array(inHostOrder(bytes, stored.BYTES_PER_ELEMENT, false));
}

/** Float32 values in 16 bits, rounded to the nearest, of two as near to the even one. */
function shortened(values: Float32Array, short: ShortFloat): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, short === "float16" ? toFloat16 : toBfloat16);
}

function toBfloat16(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function toFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const rest = bits & 0x7fffffff;
  if (rest > 0x7f800000) return sign | 0x7e00;
  // From 65520 on the nearest is infinity.
  if (rest >= 0x477ff000) return sign | 0x7c00;
  if (rest >= 0x38800000) return sign | ((rest - 0x38000000 + 0xfff + ((rest >>> 13) & 1)) >>> 13);
  const exponent = rest >>> 23;
  if (exponent < 102) return sign;
  // Below 2⁻¹⁴ the distance between numbers is 2⁻²⁴.
  const mantissa = (rest & 0x7fffff) | 0x800000;
  const shift = 126 - exponent;
  const whole = mantissa >>> shift;
  const left = mantissa & (2 ** shift - 1);
  const half = 2 ** (shift - 1);
  return sign | (whole + (left > half || (left === half && whole % 2 === 1) ? 1 : 0));
}
