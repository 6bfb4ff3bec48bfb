import { type InspectOptions, inspect, types } from "node:util";
import { numbersText } from "./numbers.ts";
import { signatureOf } from "./signature.ts";

const limits = { maxArrayLength: 100, maxStringLength: 10_000, breakLength: 100 } satisfies InspectOptions;
/** How many values are printed at most; beyond that, less deep ones only. */
const budget = 20_000;
const shownProperties = 200;
const longest = 200_000;

/** A value as text, as Node prints it, whatever the value does and however large it is. */
export function textOf(value: unknown): string {
  if (ArrayBuffer.isView(value) && !types.isProxy(value)) {
    const text = numbersText(value);
    if (text !== undefined) return text;
  }
  const { text, problem } = print(value, limits);
  const short = text.length > longest ? `${text.slice(0, longest)}… ${text.length - longest} more characters` : text;
  const signature = typeof value === "function" ? signatureOf(value) : "";
  return `${short}${signature}${problem ? `\n(printed without its own inspect method, which failed: ${problem})` : ""}`;
}

/** A value as one short line, for a place such as a table's cell. */
export function shortTextOf(value: unknown, longest: number): string {
  const short = {
    depth: 1,
    compact: true,
    maxArrayLength: 8,
    maxStringLength: longest,
    breakLength: Number.POSITIVE_INFINITY,
  };
  const text = print(value, short).text.replace(/\s+/g, " ");
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

function print(value: unknown, options: InspectOptions): { text: string; problem?: string } {
  try {
    const { sight, note } = within(value, options.depth ?? 4);
    return { text: inspect(sight.value, { ...options, depth: sight.depth }) + note };
  } catch (error) {
    return { text: withoutItsHelp(value, options), problem: nameOf(error) };
  }
}

function withoutItsHelp(value: unknown, options: InspectOptions): string {
  try {
    return inspect(value, { depth: 2, ...options, customInspect: false });
  } catch {
    return `[${typeof value} that cannot be printed]`;
  }
}

function nameOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "something that cannot be printed was thrown";
  }
}

/** A value cut down, and the depth to which it can be printed, so that printing ends soon. */
function within(value: unknown, deepest: number): { sight: { value: unknown; depth: number }; note: string } {
  let depth = deepest;
  const sizes = new Map<object, number>();
  while (depth > 0 && count(value, depth, budget, sizes) <= 0) depth--;
  if (depth > 0 || !isObject(value) || !isOpen(value) || Array.isArray(value))
    return { sight: { value, depth }, note: "" };
  const keys = Object.keys(value);
  if (keys.length <= shownProperties) return { sight: { value, depth }, note: "" };
  const part: object = Object.create(Object.getPrototypeOf(value) as object | null);
  for (const key of keys.slice(0, shownProperties))
    Object.defineProperty(part, key, Object.getOwnPropertyDescriptor(value, key)!);
  return { sight: { value: part, depth }, note: `\n… ${keys.length - shownProperties} more properties` };
}

/**
 * What is left of a budget after a value and what it contains, down to a depth; no getter is called. The sizes of what
 * alone exceeds it are kept, because finding them takes long.
 */
function count(value: unknown, depth: number, left: number, sizes: Map<object, number>): number {
  if (!isObject(value) || !isOpen(value)) return left - 1;
  const known = sizes.get(value);
  if (known !== undefined) return left - known;
  const contents = contentsOf(value);
  if (contents.length >= budget) sizes.set(value, contents.length);
  let rest = left - contents.length;
  if (depth === 0) return rest;
  for (const entry of contents) {
    if (rest <= 0) return rest;
    rest = count(entry, depth - 1, rest, sizes);
  }
  return rest;
}

function contentsOf(value: object): readonly unknown[] {
  const valueAt = (key: PropertyKey): unknown => Object.getOwnPropertyDescriptor(value, key)?.value;
  if (Array.isArray(value))
    return Array.from({ length: Math.min(value.length, limits.maxArrayLength) }, (_, at) => valueAt(at));
  if (types.isMap(value) || types.isSet(value)) return firstOf(value);
  const keys = Object.keys(value);
  return keys.length >= budget ? keys : keys.map(valueAt);
}

function firstOf(collection: Iterable<unknown>): unknown[] {
  const first: unknown[] = [];
  for (const entry of collection) {
    if (first.length >= limits.maxArrayLength) break;
    first.push(...(Array.isArray(entry) ? entry : [entry]));
  }
  return first;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Whether what is printed of an object is what its properties hold. */
function isOpen(value: object): boolean {
  if (types.isProxy(value) || ArrayBuffer.isView(value)) return false;
  return typeof (value as { [inspect.custom]?: unknown })[inspect.custom] !== "function";
}
