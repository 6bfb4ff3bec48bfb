import type { Runtime } from "node:inspector";
import type { InspectorClient } from "./inspector-client.ts";
import type { RemoteValue } from "./messages.ts";
import { sizeOf, textOf } from "./values.ts";

/** How many elements are listed at once when the client does not ask for pages. */
const listed = 100;

/** Something with elements. */
export interface Collection {
  readonly kind: "array" | "map" | "set";
  readonly size: number;
}

interface Element {
  readonly name: string;
  readonly value: RemoteValue;
  /** Where it stands, when it can be reached by that number. */
  readonly index?: number;
}

/** A value's elements, if it has any of its own. */
export function collectionOf(value: RemoteValue): Collection | undefined {
  const size = sizeOf(value);
  if (size === undefined) return undefined;
  return { kind: value.subtype === "map" || value.subtype === "set" ? value.subtype : "array", size };
}

/** Divides many elements into at most a hundred ranges; few are not divided. */
export function rangesOf(start: number, size: number): { start: number; size: number }[] {
  if (size <= listed) return [];
  let step = listed;
  while (size / step > listed) step *= listed;
  const count = Math.ceil(size / step);
  return Array.from({ length: count }, (_, i) => ({ start: start + i * step, size: Math.min(step, size - i * step) }));
}

const readers: Record<Collection["kind"], string> = {
  array: `function (start, size) {
    const found = [];
    for (let i = start; i < start + size; i++) if (i in this) found.push(i, this[i]);
    return found;
  }`,
  map: `function (start, size) {
    const found = [];
    let i = 0;
    for (const [key, value] of Map.prototype.entries.call(this)) {
      if (i >= start + size) break;
      if (i++ >= start) found.push(key, value);
    }
    return found;
  }`,
  set: `function (start, size) {
    const found = [];
    let i = 0;
    for (const value of Set.prototype.values.call(this)) {
      if (i >= start + size) break;
      if (i >= start) found.push(i, value);
      i++;
    }
    return found;
  }`,
};

/** Some of the elements of a collection. */
export async function pageOf(
  inspector: InspectorClient,
  objectId: string,
  { kind }: Collection,
  start: number,
  size: number,
): Promise<Element[]> {
  const { result } = await inspector.post<Runtime.CallFunctionOnReturnType>("Runtime.callFunctionOn", {
    objectId,
    functionDeclaration: readers[kind],
    arguments: [{ value: start }, { value: size }],
    silent: true,
  });
  const pairs = await inspector.post<Runtime.GetPropertiesReturnType>("Runtime.getProperties", {
    objectId: result.objectId,
    ownProperties: true,
    generatePreview: true,
  });
  const values = pairs.result.flatMap(({ name, value }) => (/^\d+$/.test(name) && value ? value : []));
  const elements: Element[] = [];
  for (let i = 0; i + 1 < values.length; i += 2) {
    const [key, value] = [values[i]!, values[i + 1]!];
    if (kind === "array") elements.push({ name: String(key.value), value, index: Number(key.value) });
    else elements.push({ name: kind === "map" ? textOf(key) : String(key.value), value });
  }
  return elements;
}
