import type { Shape } from "../device/device.ts";
import { DataError } from "../tensor/errors.ts";
import { showShape, sizeOf } from "../tensor/shapes.ts";
import { formats, type NumberFormat } from "./number-formats.ts";

/** The names of number formats in a safetensors header. */
export const formatNames = {
  BOOL: "bool",
  I8: "int8",
  U8: "uint8",
  I16: "int16",
  U16: "uint16",
  I32: "int32",
  U32: "uint32",
  I64: "int64",
  U64: "uint64",
  F8_E4M3: "float8_e4m3",
  F8_E5M2: "float8_e5m2",
  F16: "float16",
  BF16: "bfloat16",
  F32: "float32",
  F64: "float64",
} as const satisfies Readonly<Record<string, NumberFormat>>;

/** Where one tensor lies in a file. */
export interface StoredTensor {
  readonly format: NumberFormat;
  readonly shape: Shape;
  /** The first byte, and the first that is no longer its own, counted from the beginning of the file. */
  readonly from: number;
  readonly to: number;
}

/** What a safetensors file says of itself: notes, and every tensor by name. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** As in the reference implementation. */
const longestHeader = 100_000_000;

/** How long the header is, from the first eight bytes of a file of so many bytes. */
export function headerLength(start: Uint8Array, fileLength: number, who: string): number {
  const tooShort = new DataError(who, "the file is too short for a safetensors header.");
  if (start.length < 8) throw tooShort;
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (length > fileLength - 8) throw tooShort;
  if (length > longestHeader)
    throw new DataError(who, `the header has ${length} bytes, expected at most ${longestHeader}.`);
  return length;
}

/** Reads and checks the header: every tensor's bytes fill its shape, and together they fill the file, without overlap. */
export function readHeader(text: Uint8Array, fileLength: number, who: string): SafetensorsHeader {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch {
    throw new DataError(who, "the header is not JSON; is this a safetensors file?");
  }
  if (!isRecord(json)) throw new DataError(who, "the header is no JSON object; is this a safetensors file?");
  const begin = 8 + text.length;
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(json))
    if (name !== "__metadata__") tensors.set(name, storedTensor(name, entry, begin, who));
  const end = requireFilled(tensors, begin, who);
  if (end > fileLength)
    throw new DataError(who, `the tensors end at byte ${end}, the file at ${fileLength}: it was cut off.`);
  if (end < fileLength)
    throw new DataError(who, `the tensors end at byte ${end}, the file at ${fileLength}: expected nothing after them.`);
  return { metadata: metadataOf(json.__metadata__, who), tensors };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function metadataOf(value: unknown, who: string): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isRecord(value) || Object.values(value).some((note) => typeof note !== "string"))
    throw new DataError(who, "__metadata__ is something else than texts by name, which it must be.");
  return value as Record<string, string>;
}

function storedTensor(name: string, entry: unknown, begin: number, who: string): StoredTensor {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (!Array.isArray(shape) || !Array.isArray(offsets) || offsets.length !== 2)
    throw new DataError(who, `the header entry of ${name} has no shape or no data_offsets.`);
  if (typeof dtype !== "string" || !Object.hasOwn(formatNames, dtype))
    throw new DataError(who, `${name} is ${String(dtype)}, expected one of ${Object.keys(formatNames).join(", ")}.`);
  const odd = [...shape, ...offsets].find((n) => !Number.isSafeInteger(n) || (n as number) < 0);
  if (odd !== undefined)
    throw new DataError(who, `the header entry of ${name} has ${JSON.stringify(odd)}, expected whole numbers.`);
  const format = formatNames[dtype as keyof typeof formatNames];
  const [from, to] = offsets as [number, number];
  const takes = sizeOf(shape as number[]) * formats[format].bytes;
  if (to - from !== takes)
    throw new DataError(
      who,
      `${name} has ${to - from} bytes, its shape ${showShape(shape as number[])} takes ${takes}.`,
    );
  return { format, shape: shape as number[], from: begin + from, to: begin + to };
}

/** Where the tensors end, if each begins where the one before ends. */
function requireFilled(tensors: ReadonlyMap<string, StoredTensor>, begin: number, who: string): number {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.from - b.from || a.to - b.to);
  let end = begin;
  let before = "the header";
  for (const [name, { from, to }] of inOrder) {
    if (from < end) throw new DataError(who, `${name} begins at byte ${from}, inside ${before}, which ends at ${end}.`);
    if (from > end) throw new DataError(who, `${from - end} bytes between ${before} and ${name} belong to no tensor.`);
    end = to;
    before = name;
  }
  return end;
}
