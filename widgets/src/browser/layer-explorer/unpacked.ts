import { type Packed, unpack } from "../../layers/packed.ts";

const unpacked = new WeakMap<Packed, Float32Array>();
const made = new WeakMap<object, Map<string, unknown>>();

/** The values of packed planes; unpacked once, until the kernel sends others. */
export function valuesOf(packed: Packed): Float32Array {
  const known = unpacked.get(packed);
  if (known) return known;
  const values = unpack(packed);
  unpacked.set(packed, values);
  return values;
}

/** Something made of a shared value, once for each name until the kernel sends another value. */
export function madeOf<Made>(shared: object, name: string, make: () => Made): Made {
  const names = made.get(shared) ?? new Map<string, unknown>();
  made.set(shared, names);
  if (!names.has(name)) names.set(name, make());
  return names.get(name) as Made;
}
