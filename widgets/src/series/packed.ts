/** Bytes, as one side keeps them and as the other gets them. */
type Numbers = Float32Array | Float64Array | DataView;

/**
 * A column of numbers in as few bytes as hold exactly the same numbers: nothing but its beginning where they are evenly
 * spaced, as steps and constant rates are, single precision where that is enough, as for a tensor's values, or else
 * double precision.
 */
export type PackedColumn =
  | { readonly first: number; readonly by: number; readonly length: number }
  | { readonly single: Numbers }
  | { readonly double: Numbers };

export function packed(values: Float64Array): PackedColumn {
  const { length } = values;
  const first = length === 0 ? 0 : values[0]!;
  const by = length < 2 ? 0 : values[1]! - first;
  if (values.every((value, at) => value === first + at * by)) return { first, by, length };
  if (values.every((value) => Object.is(Math.fround(value), value))) return { single: Float32Array.from(values) };
  return { double: values.slice() };
}

export function unpacked(column: PackedColumn): Float64Array {
  if ("length" in column) return Float64Array.from({ length: column.length }, (_, at) => column.first + at * column.by);
  const [bytes, Kind] = "single" in column ? [column.single, Float32Array] : [column.double, Float64Array];
  return Float64Array.from(bytes instanceof DataView ? new Kind(bytesOf(bytes)) : bytes);
}

/** Copied, so that they are aligned. */
export function bytesOf({ buffer, byteOffset, byteLength }: DataView): ArrayBuffer {
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
