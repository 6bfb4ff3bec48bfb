import { inflateSync } from "../../device/node.ts";
import { DataError } from "../../tensor/errors.ts";

/** A matrix of numbers of a MATLAB file: as many values as its shape says, the first axis running fastest. */
export interface MatlabMatrix {
  readonly shape: readonly number[];
  readonly values:
    | Float64Array
    | Float32Array
    | Int8Array
    | Uint8Array
    | Int16Array
    | Uint16Array
    | Int32Array
    | Uint32Array;
}

/** The typed arrays of the numeric data types of the format, by number. */
const arrays = {
  1: Int8Array,
  2: Uint8Array,
  3: Int16Array,
  4: Uint16Array,
  5: Int32Array,
  6: Uint32Array,
  7: Float32Array,
  9: Float64Array,
} as const;
const matrixType = 14;
const compressedType = 15;

interface Element {
  readonly type: number;
  readonly data: Uint8Array;
  readonly next: number;
}

/** The real numeric matrices of a MATLAB file of version 5, by name; other kinds of variables are passed over. */
export function readMat(who: string, file: Uint8Array): Map<string, MatlabMatrix> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 128 || view.getUint16(124, true) !== 0x0100 || view.getUint16(126, true) !== 0x4d49)
    throw new DataError(who, "the file does not begin as a little-endian MATLAB file of version 5.");
  const found = new Map<string, MatlabMatrix>();
  for (let at = 128; at < file.length; ) {
    const element = elementAt(who, file, at);
    at = element.next;
    const inner = element.type === compressedType ? elementAt(who, unpack(who, element.data), 0) : element;
    if (inner.type !== matrixType) continue;
    const [name, matrix] = matrixOf(who, inner.data);
    if (matrix !== null) found.set(name, matrix);
  }
  return found;
}

/** An element: type and length in eight bytes, then the data, padded to eight; or all in eight bytes where it is small. */
function elementAt(who: string, bytes: Uint8Array, at: number): Element {
  const short = () => new DataError(who, `the file ends at byte ${bytes.length}, in the middle of a variable.`);
  if (at + 8 > bytes.length) throw short();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = view.getUint32(at, true);
  if (first >>> 16 !== 0) {
    const data = bytes.subarray(at + 4, at + 4 + (first >>> 16));
    return { type: first & 0xffff, data, next: at + 8 };
  }
  const length = view.getUint32(at + 4, true);
  if (at + 8 + length > bytes.length) throw short();
  // Compressed elements are the only ones that are not padded.
  const padded = first === compressedType ? length : Math.ceil(length / 8) * 8;
  return { type: first, data: bytes.subarray(at + 8, at + 8 + length), next: at + 8 + padded };
}

function unpack(who: string, data: Uint8Array): Uint8Array {
  try {
    return inflateSync(data);
  } catch {
    throw new DataError(who, "a compressed variable is damaged.");
  }
}

/** The parts of a matrix: flags, sizes, name, values. */
function matrixOf(who: string, bytes: Uint8Array): [string, MatlabMatrix | null] {
  const flags = elementAt(who, bytes, 0);
  const sizes = elementAt(who, bytes, flags.next);
  const name = elementAt(who, bytes, sizes.next);
  const text = new TextDecoder().decode(name.data);
  const kind = flags.data[0]!;
  const complex = (flags.data[1]! & 8) !== 0;
  // Classes 6 … 13 are numeric; 1 … 5 are cells, structures, objects, text and sparse matrices.
  if (kind < 6 || kind > 13 || complex) return [text, null];
  const values = elementAt(who, bytes, name.next);
  const numbers = arrays[values.type as keyof typeof arrays];
  if (numbers === undefined) return [text, null];
  const shape = [...new Int32Array(copy(sizes.data))];
  return [text, { shape, values: new numbers(copy(values.data)) }];
}

/** Aligned memory of its own, as typed arrays want it. */
function copy(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
