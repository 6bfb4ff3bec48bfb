/** JSON values. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * A value as JSON can carry it, taken now, so that later changes do not show: typed arrays and sets become arrays, maps
 * objects, large integers numbers, and what has no JSON is left out, as `JSON.stringify` does.
 * @throws TypeError when the value contains itself.
 */
export function jsonOf(value: unknown): Json | undefined {
  return convert(value, "", new Set());
}

function convert(value: unknown, path: string, above: Set<object>): Json | undefined {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object") return undefined;
  if (above.has(value))
    throw new TypeError(
      `display: the content contains itself at ${path || "its top"}, expected a value that JSON can carry.`,
    );
  above.add(value);
  const json = convertObject(value, path, above);
  above.delete(value);
  return json;
}

function convertObject(value: object, path: string, above: Set<object>): Json | undefined {
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function" && !(value instanceof Uint8Array))
    return convert((toJSON as (key: string) => unknown).call(value, path), path, above);
  if (isListLike(value))
    return Array.from(value, (element, index) => convert(element, `${path}[${index}]`, above) ?? null);
  const entries = value instanceof Map ? [...value].map(([key, entry]) => [String(key), entry]) : Object.entries(value);
  const json: { [key: string]: Json } = {};
  for (const [key, entry] of entries as [string, unknown][]) {
    const converted = convert(entry, path === "" ? key : `${path}.${key}`, above);
    // Not by assignment, which would make of "__proto__" something else.
    if (converted !== undefined)
      Object.defineProperty(json, key, { value: converted, enumerable: true, writable: true, configurable: true });
  }
  return json;
}

function isListLike(value: object): value is Iterable<unknown> {
  return Array.isArray(value) || value instanceof Set || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}
