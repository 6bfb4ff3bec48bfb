import { inspect, types } from "node:util";
import { isDisplayable } from "./contract.ts";
import { short } from "./numbers.ts";
import { shortTextOf } from "./text.ts";

/** Tables up to this length are shown whole, of longer ones so many rows from either end. */
const whole = 50;
const shownRows = { first: 20, last: 5 };
const shownColumns = 30;
/** What has more fields than this is no row of a table. */
const mostColumns = 1000;
const longestCell = 100;

/** A table of values: rows by index, columns by name. */
interface Table {
  readonly rows: readonly (readonly [index: number, row: object])[];
  readonly columns: readonly string[];
  readonly moreRows: number;
  readonly moreColumns: number;
}

/** Records, or rows of numbers and text, as an HTML table; nothing when the value is not an array of such. */
export function tableOf(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const moreRows = value.length > whole ? value.length - shownRows.first - shownRows.last : 0;
  const first = moreRows > 0 ? shownRows.first : value.length;
  const shown = Array.from({ length: value.length - moreRows }, (_, at) => (at < first ? at : at + moreRows));
  const rows = shown.map((index) => [index, value[index] as unknown] as const);
  const names = columnsOf(rows.map(([, row]) => row));
  if (names === undefined || names.length === 0) return undefined;
  const columns = names.slice(0, shownColumns);
  return htmlOf({ rows: rows as Table["rows"], columns, moreRows, moreColumns: names.length - columns.length });
}

function columnsOf(rows: readonly unknown[]): string[] | undefined {
  if (rows.every(isRecord)) return sameKind(rows) ? fieldsOf(rows) : undefined;
  if (rows.length < 2 || !rows.every(isList)) return undefined;
  const length = Math.max(...rows.map((row) => row.length));
  const flat = rows.every((row) => Array.prototype.slice.call(row, 0, shownColumns).every(isPrimitive));
  return flat ? Array.from({ length }, (_, column) => String(column)) : undefined;
}

function fieldsOf(records: readonly object[]): string[] | undefined {
  const names = new Set<string>();
  for (const record of records) {
    const keys = Object.keys(record);
    if (keys.length > mostColumns) return undefined;
    for (const key of keys) names.add(key);
  }
  return [...names];
}

/** Plain records, or instances of one class whose fields say what they are. */
function isRecord(value: unknown): value is object {
  if (typeof value !== "object" || value === null || types.isProxy(value) || Array.isArray(value)) return false;
  if (isDisplayable(value) || inspect.custom in value || Symbol.iterator in value || ArrayBuffer.isView(value))
    return false;
  return Object.prototype.toString.call(value) === "[object Object]";
}

function sameKind(rows: readonly object[]): boolean {
  const isPlain = (row: object) => [Object.prototype, null].includes(Object.getPrototypeOf(row) as object | null);
  const [first] = rows;
  return rows.every(isPlain) || rows.every((row) => Object.getPrototypeOf(row) === Object.getPrototypeOf(first));
}

function isList(value: unknown): value is ArrayLike<unknown> {
  if (types.isProxy(value)) return false;
  return (Array.isArray(value) || types.isTypedArray(value)) && value.length > 0;
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== "object" && typeof value !== "function");
}

function htmlOf({ rows, columns, moreRows, moreColumns }: Table): string {
  const fields = rows.map(([, row]) => columns.map((column) => fieldOf(row, column)));
  const numeric = columns.map((_, at) => fields.every((row) => row[at] === undefined || isNumber(row[at])));
  const align = (at: number) => ` style="text-align: ${numeric[at] ? "right" : "left"}"`;
  const dots = moreColumns > 0 ? "<td>…</td>" : "";
  const head = columns.map((column, at) => `<th${align(at)}>${escaped(cut(column))}</th>`).join("");
  const lines = rows.map(([index], at) => {
    const cells = fields[at]!.map((field, column) => `<td${align(column)}>${cellOf(field)}</td>`).join("");
    return `<tr><th>${index}</th>${cells}${dots}</tr>`;
  });
  if (moreRows > 0)
    lines.splice(shownRows.first, 0, `<tr><th>⋮</th>${"<td></td>".repeat(columns.length)}${dots && "<td></td>"}</tr>`);
  const more = [
    ...(moreRows > 0 ? [`${moreRows} more row${moreRows > 1 ? "s" : ""}`] : []),
    ...(moreColumns > 0 ? [`${moreColumns} more column${moreColumns > 1 ? "s" : ""}`] : []),
  ];
  const note = more.length > 0 ? `\n<p>… and ${more.join(" and ")}</p>` : "";
  return `<table>\n<thead><tr><th></th>${head}${dots ? "<th>…</th>" : ""}</tr></thead>\n<tbody>\n${lines.join("\n")}\n</tbody>\n</table>${note}`;
}

/** A field that is a getter: what it would give is not asked for. */
const getter = Symbol("getter");

function fieldOf(row: object, column: string): unknown {
  const property = Object.getOwnPropertyDescriptor(row, column);
  if (property === undefined) return undefined;
  return property.get ? getter : (property.value as unknown);
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function cellOf(value: unknown): string {
  if (value === undefined) return "";
  if (isNumber(value)) return Object.is(value, -0) ? "-0" : short(value);
  if (typeof value === "string") return escaped(cut(value)).replaceAll("\n", "<br>");
  if (value === null) return '<span style="opacity: 0.5">null</span>';
  if (value === getter) return '<span style="opacity: 0.5">getter</span>';
  if (types.isDate(value) && !Number.isNaN(value.getTime())) return value.toISOString();
  return escaped(shortTextOf(value, longestCell));
}

function cut(text: string): string {
  return text.length > longestCell ? `${text.slice(0, longestCell - 1)}…` : text;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
