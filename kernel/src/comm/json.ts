type Binary = ArrayBufferView | ArrayBufferLike;

/** Where a value lies inside of another: keys of objects and positions in arrays. */
export type Path = readonly (string | number)[];

/** Takes bytes out of a value, or refuses them by throwing. */
type TakeBinary = (binary: Uint8Array, path: Path) => void;

/**
 * A copy of a value as JSON holds it, or a TypeError that says what it cannot hold, and where. `JSON.stringify` turns
 * much of that into something else without a word.
 * @param who Begins error messages, for example `comm.send`.
 * @param name What the value is called in them, for example `data`.
 * @param takeBinary Is given typed arrays and the like, in place of which there is `null` in an array and nothing in an
 * object; without it they are refused.
 */
export function toJson(value: unknown, who: string, name: string, takeBinary?: TakeBinary): unknown {
  const above = new Set<object>();
  const path: (string | number)[] = [];

  const refuse = (what: string, wayOn: string): never => {
    throw new TypeError(`${who}: ${placeOf(name, path)} is ${what}, expected what JSON can hold. ${wayOn}`);
  };

  const copy = (part: unknown): unknown => {
    switch (typeof part) {
      case "string":
      case "boolean":
        return part;
      case "number":
        if (!Number.isFinite(part)) refuse(String(part), "Use null, or numbers in a Float64Array.");
        return part;
      case "undefined":
        return refuse("undefined", "Use null, or leave it out.");
      case "bigint":
        return refuse(`the bigint ${part}n`, "Use Number(…) or a string.");
      case "object":
        return part === null ? null : copyObject(part);
      default:
        return refuse(`a ${typeof part}`, "Leave it out.");
    }
  };

  const copyObject = (part: object): unknown => {
    const { toJSON } = part as { toJSON?: unknown };
    if (isBinary(part)) {
      if (!takeBinary) return refuse(`a ${part.constructor.name}`, "Send bytes in the option buffers.");
      takeBinary(bytesOf(part), [...path]);
      return isArrayElement() ? null : undefined;
    }
    if (above.has(part)) refuse("an object that contains itself", "Send the parts that are needed.");
    above.add(part);
    let copied: unknown;
    if (typeof toJSON === "function") copied = copy(toJSON.call(part));
    else if (Array.isArray(part)) copied = Array.from(part, (element, index) => at(index, element));
    else if (part instanceof Map || part instanceof Set)
      refuse(`a ${part.constructor.name}`, "Use an array or Object.fromEntries(…).");
    else {
      copied = {};
      for (const [key, element] of Object.entries(part)) {
        // As everywhere in JavaScript, a property that is undefined is one that was left out.
        const inside = element === undefined ? undefined : at(key, element);
        if (inside !== undefined) setOwn(copied as object, key, inside);
      }
    }
    above.delete(part);
    return copied;
  };

  const at = (key: string | number, part: unknown): unknown => {
    path.push(key);
    const copied = copy(part);
    path.pop();
    return copied;
  };

  const isArrayElement = () => typeof path.at(-1) === "number";

  return copy(value);
}

/** Whether a value is sent as bytes. */
export function isBinary(value: unknown): value is Binary {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
}

/** The bytes of a typed array, a view or an array buffer, without a copy. */
export function bytesOf(binary: Binary): Uint8Array {
  if (ArrayBuffer.isView(binary)) return new Uint8Array(binary.buffer, binary.byteOffset, binary.byteLength);
  return new Uint8Array(binary);
}

/** Sets a property, also where its name is `__proto__`. */
export function setOwn(object: object, key: string | number, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

function placeOf(name: string, path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `${text}.${key}` : `${text}[${JSON.stringify(key)}]`;
  }, name);
}
