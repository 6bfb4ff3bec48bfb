import { kindOf } from "../kind.ts";
import { grouped } from "../picture/numbers.ts";

/** A cell has room for about this many characters. */
const longest = 200;
/** Lists up to this length are written out, of longer ones the first few. */
const [written, begun] = [16, 3];
/** How deep objects lie in one another before they are left out. */
const deepest = 4;

/** Text that fits in a cell. */
export function shortText(text: string): string {
  if (text.length <= longest) return text;
  // Half a character is none.
  return `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** What is no number, written out as far as there is room, however large, circular or broken it is. */
export function textOf(value: unknown): string {
  try {
    return shortText(textAt(value, []));
  } catch {
    return "cannot be written";
  }
}

/** @param around the objects that the value lies in */
function textAt(value: unknown, around: readonly object[]): string {
  if (typeof value === "function")
    return typeof value.name === "string" && value.name !== "" ? value.name : "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (around.includes(value)) return "(circular)";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "no date" : value.toISOString();
  if (value instanceof Error) return String(value);
  if (value instanceof DataView || value instanceof ArrayBuffer)
    return `${kindOf(value)} of ${grouped(value.byteLength)} bytes`;
  if (around.length === deepest) return "…";
  const within = [...around, value];
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return listText(value as ArrayLike<unknown>, within);
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") return textAt(toJSON.call(value, ""), within);
  return recordText(value as Readonly<Record<string, unknown>>, within);
}

function listText(list: ArrayLike<unknown>, within: readonly object[]): string {
  const single = list instanceof Float32Array;
  const first = (length: number) =>
    Array.from({ length }, (_, index) => {
      const item = list[index];
      // Single precision has seven digits; those after them say nothing.
      return single ? String(Number((item as number).toPrecision(7))) : textAt(item, within);
    });
  if (list.length <= written) {
    const text = `[${first(list.length).join(", ")}]`;
    if (text.length <= longest || list.length <= begun) return text;
  }
  const kind = typeof list[0] === "number" || typeof list[0] === "bigint" ? "numbers" : "values";
  return `[${first(begun).join(", ")}, … ${grouped(list.length)} ${kind}]`;
}

function recordText(record: Readonly<Record<string, unknown>>, within: readonly object[]): string {
  let text = "";
  for (const name of Object.keys(record)) {
    const value = record[name];
    if (value === undefined || typeof value === "symbol") continue;
    const inner = typeof value === "string" ? JSON.stringify(shortText(value)) : textAt(value, within);
    text += `${text === "" ? "" : ","}${JSON.stringify(name)}:${inner}`;
    if (text.length > longest) break;
  }
  return `{${text}}`;
}
