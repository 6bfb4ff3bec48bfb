import type * as Csv from "csv-parse/sync";
import { ArgumentError, DataError } from "../../tensor/errors.ts";
import { required } from "./required.ts";

/** What the fields of a column are. */
export type CsvKind = "number" | "integer" | "boolean" | "text";

/** The array in which a column of a kind is kept. */
export interface CsvArrays {
  /** A missing value is NaN. */
  number: Float64Array;
  integer: Int32Array;
  boolean: Uint8Array;
  /** A missing value is the empty text. */
  text: readonly string[];
}

export interface CsvOptions<K extends Readonly<Record<string, CsvKind>>> {
  /** What to read, by the names of the header; all columns if not said, as numbers where all their fields are numbers. */
  readonly columns?: K;
  /** The names of the columns where the file has no header. */
  readonly names?: readonly string[];
  /** What is between fields; a comma if not said. */
  readonly separator?: string;
  /** Fields that stand for a missing value, beside empty ones; columns of integers and booleans refuse them. */
  readonly missing?: readonly string[];
  /** Rows that begin so are passed over. */
  readonly comment?: string;
}

export type CsvTable<K extends Readonly<Record<string, CsvKind>>> = { readonly [N in keyof K]: CsvArrays[K[N]] };

/**
 * The columns of comma-separated text (RFC 4180: quotes, doubled quotes, breaks inside quotes), by name.
 * A column of numbers has NaN where a value is missing; integers and booleans cannot have missing values.
 *
 * @throws DataError for rows of another length than the header and for fields that are not of their column's kind, with
 * the line.
 *
 * @example
 * ```ts
 * import { data } from "gradbook";
 *
 * const table = data.readCsv('city,degrees\n"Oslo, N",4.5\nRome,\n', { columns: { city: "text", degrees: "number" } });
 * console.log(table.city, table.degrees); // [ 'Oslo, N', 'Rome' ] Float64Array(2) [ 4.5, NaN ]
 * ```
 */
export function readCsv<
  const K extends Readonly<Record<string, CsvKind>> = Readonly<Record<string, "number" | "text">>,
>(text: string, options: CsvOptions<K> = {}): CsvTable<K> {
  const { rows, lines } = parsed(text, options);
  const names = options.names ?? rows[0];
  if (names === undefined) throw new DataError("readCsv", "the text is empty, expected a header.");
  const first = options.names === undefined ? 1 : 0;
  const missing = new Set(["", ...(options.missing ?? [])]);
  const fields = (name: string): string[] => {
    const place = names.indexOf(name);
    if (place < 0)
      throw new ArgumentError("readCsv", `there is no column ${name}. The columns are ${names.join(", ")}.`);
    return rows.slice(first).map((row) => row[place]!);
  };
  const wanted: Readonly<Record<string, CsvKind>> =
    options.columns ?? Object.fromEntries(names.map((name) => [name, guessed(fields(name), missing)]));
  const line = (row: number) => lines[first + row]!;
  return Object.fromEntries(
    Object.entries(wanted).map(([name, kind]) => [name, column(fields(name), { name, kind, missing, line })]),
  ) as CsvTable<K>;
}

function parsed(
  text: string,
  options: Omit<CsvOptions<Readonly<Record<string, CsvKind>>>, "columns">,
): { rows: string[][]; lines: number[] } {
  const { parse } = required<typeof Csv>("csv-parse/sync");
  try {
    const found = parse(text, {
      bom: true,
      delimiter: options.separator ?? ",",
      comment: options.comment ?? null,
      comment_no_infix: true,
      info: true,
      skip_empty_lines: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    const width = options.names?.length ?? found[0]?.record.length;
    const odd = found.find(({ record }) => record.length !== width);
    if (odd !== undefined)
      throw new DataError(
        "readCsv",
        `line ${odd.info.lines} has ${odd.record.length} fields, expected ${width}, one for each column.`,
      );
    return { rows: found.map(({ record }) => record), lines: found.map(({ info }) => info.lines) };
  } catch (error) {
    if (error instanceof DataError) throw error;
    const { code, lines, message } = error as { code?: string; lines?: number; message: string };
    if (code === "CSV_QUOTE_NOT_CLOSED") throw new DataError("readCsv", "a quoted field is never closed.");
    if (code === "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH")
      throw new DataError("readCsv", `line ${lines} has another number of fields than the first, expected as many.`);
    throw new DataError("readCsv", `${message.replace(/\.?$/, ".")}`);
  }
}

const numeral = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const truths: ReadonlyMap<string, number> = new Map([
  ["true", 1],
  ["false", 0],
  ["yes", 1],
  ["no", 0],
  ["1", 1],
  ["0", 0],
]);

function guessed(fields: readonly string[], missing: ReadonlySet<string>): "number" | "text" {
  const there = fields.filter((field) => !missing.has(field));
  return there.length > 0 && there.every((field) => Number.isFinite(numberOf(field))) ? "number" : "text";
}

function numberOf(field: string): number {
  const trimmed = field.trim();
  return numeral.test(trimmed) ? Number(trimmed) : Number.NaN;
}

interface Reading {
  readonly name: string;
  readonly kind: CsvKind;
  readonly missing: ReadonlySet<string>;
  readonly line: (row: number) => number;
}

function column(fields: readonly string[], { name, kind, missing, line }: Reading): CsvArrays[CsvKind] {
  const refuse = (row: number, expected: string): never => {
    const what = missing.has(fields[row]!) ? "is missing" : `is "${fields[row]!.slice(0, 40)}"`;
    throw new DataError("readCsv", `${name} on line ${line(row)} ${what}, expected ${expected}.`);
  };
  switch (kind) {
    case "text":
      return fields.map((field) => (missing.has(field) ? "" : field));
    case "number":
      return Float64Array.from(fields, (field, row) => {
        if (missing.has(field)) return Number.NaN;
        const value = numberOf(field);
        return Number.isNaN(value) ? refuse(row, "a number") : value;
      });
    case "integer":
      return Int32Array.from(fields, (field, row) => {
        const value = numberOf(field);
        const whole = Number.isInteger(value) && Math.abs(value) < 2 ** 31;
        return whole && !missing.has(field) ? value : refuse(row, "a whole number");
      });
    case "boolean":
      return Uint8Array.from(fields, (field, row) => {
        const value = missing.has(field) ? undefined : truths.get(field.trim().toLowerCase());
        return value ?? refuse(row, "true or false");
      });
  }
}
