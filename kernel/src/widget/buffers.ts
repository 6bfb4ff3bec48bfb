import { isBinary, type Path, setOwn, toJson } from "../comm/json.ts";

/** A state as a message carries it: bytes apart from the JSON, and where they belong. */
export interface PackedState {
  readonly state: unknown;
  readonly buffer_paths: readonly Path[];
  readonly buffers: readonly Uint8Array[];
}

/** Takes typed arrays, views and array buffers, however deep, out of a state, without copying them. */
export function pack(state: object, who: string): PackedState {
  const buffer_paths: Path[] = [];
  const buffers: Uint8Array[] = [];
  const json = toJson(state, who, "state", (bytes, path) => {
    buffer_paths.push(path);
    buffers.push(bytes);
  });
  return { state: json, buffer_paths, buffers };
}

/**
 * Puts bytes back where they belong.
 * @throws TypeError when the paths are malformed or do not lead into the state.
 */
export function unpack(state: object, paths: unknown, buffers: readonly DataView[]): void {
  if (!Array.isArray(paths) || paths.length !== buffers.length)
    throw new TypeError(
      `update: buffer_paths is ${JSON.stringify(paths)}, expected a list of ${buffers.length} paths, one for each buffer.`,
    );
  paths.forEach((path: unknown, index) => {
    put(state, path, buffers[index]!);
  });
}

function put(state: object, path: unknown, buffer: DataView): void {
  if (!Array.isArray(path) || path.length === 0 || !path.every(isKey)) throw misled(path);
  let place: unknown = state;
  for (const key of path.slice(0, -1)) {
    if (typeof place !== "object" || place === null || !Object.hasOwn(place, key)) throw misled(path);
    place = (place as Record<string | number, unknown>)[key];
  }
  const last = path.at(-1)!;
  const fits = Array.isArray(place) ? Object.hasOwn(place, last) && last !== "length" : isObject(place);
  if (!fits) throw misled(path);
  setOwn(place as object, last, buffer);
}

function misled(path: unknown): TypeError {
  return new TypeError(
    `update: buffer_paths has ${JSON.stringify(path)}, expected names and positions that lead to a place in the state.`,
  );
}

function isKey(key: unknown): key is string | number {
  return typeof key === "string" || typeof key === "number";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !isBinary(value);
}

type ArrayKind = {
  new (buffer: ArrayBufferLike, offset: number, length: number): ArrayBufferView;
  from(values: readonly unknown[]): ArrayBufferView;
  readonly BYTES_PER_ELEMENT: number;
};

/**
 * What the page has sent, with bytes as the kind of typed array that is held in their place, or else as a `DataView`.
 * @throws TypeError when it cannot be of that kind.
 */
export function inKindOf(held: unknown, received: unknown, name: string): unknown {
  if (received === null) return received;
  if (isBinary(held)) return asBinary(held, received, name);
  if (Array.isArray(received)) {
    const elements = Array.isArray(held) ? held : [];
    return received.map((element, index) => inKindOf(elements[index], element, `${name}[${index}]`));
  }
  if (!isObject(received)) return received;
  const properties = isObject(held) ? held : {};
  const result = {};
  for (const [key, value] of Object.entries(received))
    setOwn(
      result,
      key,
      inKindOf(Object.hasOwn(properties, key) ? properties[key] : undefined, value, `${name}.${key}`),
    );
  return result;
}

function asBinary(held: ArrayBufferView | ArrayBufferLike, received: unknown, name: string): unknown {
  const kind = held.constructor as unknown as ArrayKind & { readonly name: string };
  const wrong = (what: string) => new TypeError(`update: ${name} is ${what}, expected the bytes of a ${kind.name}.`);
  if (Array.isArray(received) && ArrayBuffer.isView(held) && !(held instanceof DataView)) return kind.from(received);
  if (!(received instanceof DataView)) throw wrong(JSON.stringify(received)?.slice(0, 100) ?? typeof received);
  const { buffer, byteOffset, byteLength } = received;
  if (held instanceof DataView) return received;
  if (held instanceof SharedArrayBuffer || held instanceof ArrayBuffer)
    return buffer.slice(byteOffset, byteOffset + byteLength);
  if (Buffer.isBuffer(held)) return Buffer.from(buffer, byteOffset, byteLength);
  if (byteLength % kind.BYTES_PER_ELEMENT !== 0) throw wrong(`${byteLength} bytes`);
  return new kind(buffer, byteOffset, byteLength / kind.BYTES_PER_ELEMENT);
}
