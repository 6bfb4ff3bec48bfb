import type { Shape } from "../device/device.ts";
import { DataError, DTypeError } from "../tensor/errors.ts";
import type { NumberFormat } from "./number-formats.ts";

/** What the header of an npy file says. */
export interface NpyHeader {
  readonly format: NumberFormat;
  readonly bigEndian: boolean;
  /** Column by column, the first axis varying fastest. */
  readonly fortran: boolean;
  readonly shape: Shape;
  /** Where the values begin. */
  readonly begin: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** numpy's kinds of numbers that we read, without the order of their bytes. */
const kinds: Readonly<Record<string, NumberFormat>> = {
  b1: "bool",
  i1: "int8",
  u1: "uint8",
  i2: "int16",
  u2: "uint16",
  i4: "int32",
  u4: "uint32",
  i8: "int64",
  u8: "uint64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
};

/** Reads the header of an npy file of version 1, 2 or 3. */
export function readNpyHeader(file: Uint8Array, who: string): NpyHeader {
  if (magic.some((byte, i) => file[i] !== byte)) throw new DataError(who, "it does not begin as an npy file does.");
  const version = file[6] ?? 0;
  if (version < 1 || version > 3) throw new DataError(who, `npy version ${version}, expected 1, 2 or 3.`);
  const start = version === 1 ? 10 : 12;
  if (file.length < start) throw new DataError(who, "the file ends inside its header: it was cut off.");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const begin = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (begin > file.length) throw new DataError(who, "the file ends inside its header: it was cut off.");
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(file.subarray(start, begin));
  return { ...described(text, who), begin };
}

/** The three entries of the Python dictionary that a header is. */
function described(text: string, who: string): Omit<NpyHeader, "begin"> {
  const descr = /'descr':\s*(?:'([^']*)'|(\[))/.exec(text);
  const order = /'fortran_order':\s*(True|False)/.exec(text);
  const sizes = /'shape':\s*\(([\d\s,L]*)\)/.exec(text);
  if (descr === null || order === null || sizes === null)
    throw new DataError(who, "the header lacks descr, fortran_order or shape; is this an npy file?");
  if (descr[2] !== undefined)
    throw new DTypeError(who, "the array holds records of several fields, expected numbers of one kind.");
  const type = descr[1]!;
  const format = kinds[type.slice(1)];
  if (format === undefined || !"<>|=".includes(type[0]!)) {
    const what = type.slice(1).startsWith("O") ? "Python objects" : `numpy's ${type}`;
    throw new DTypeError(who, `the array holds ${what}, expected bool, integers or floats of up to 64 bits.`);
  }
  const shape = (sizes[1]!.match(/\d+/g) ?? []).map(Number);
  return { format, bigEndian: type[0] === ">", fortran: order[1] === "True", shape };
}

/** The beginning of an npy file of version 1: its values begin at a multiple of 64 bytes. */
export function writeNpyHeader(descr: string, shape: Shape): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const head = new Uint8Array(length).fill(0x20);
  head.set([...magic, 1, 0]);
  new DataView(head.buffer).setUint16(8, length - 10, true);
  head.set(new TextEncoder().encode(text), 10);
  head[length - 1] = 0x0a;
  return head;
}
