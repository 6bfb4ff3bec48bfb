import type { MimeBundle } from "./display.ts";
import { kindOf } from "./kind.ts";
import { formatNumber } from "./picture/numbers.ts";
import { tableBundle } from "./picture/text-table.ts";
import { Widget } from "./widget.ts";

const expected = 'expected a list of objects, for example [{ layer: "C1", parameters: 156 }]';

/** How a table looks. */
export interface TableOptions {
  readonly title?: string;
  /** Which fields are shown, in which order. Default: all, in the order of their appearance. */
  readonly columns?: readonly string[];
}

/** Rows of a table: one object each. */
export type TableRows = readonly object[];

/** A table that can be shown and updated. */
export class Table extends Widget {
  readonly #options: TableOptions;
  #rows: TableRows;

  constructor(rows: TableRows, options: TableOptions) {
    super();
    this.#rows = checked(rows);
    this.#options = options;
  }

  /** Shows other rows, wherever this is shown. */
  update(rows: TableRows): void {
    this.#rows = checked(rows);
    this.changed();
  }

  protected bundle(): MimeBundle {
    const names = this.#options.columns ?? [...new Set(this.#rows.flatMap((row) => Object.keys(row)))];
    const values = this.#rows.map((row) => new Map<string, unknown>(Object.entries(row)));
    const columns = names.map((name) => {
      const cells = values.map((row) => row.get(name));
      return { name, cells: cells.map(written), right: cells.every((cell) => cell === undefined || isNumber(cell)) };
    });
    return tableBundle(columns, this.#options.title);
  }
}

/** A plain table, for example of layers or of results: one object a row, its fields the columns. */
export function table(rows: TableRows, options: TableOptions = {}): Table {
  return new Table(rows, options);
}

function checked(rows: TableRows): TableRows {
  if (!Array.isArray(rows)) throw new TypeError(`table: the rows are ${kindOf(rows)}, ${expected}.`);
  const wrong = rows.findIndex((row) => typeof row !== "object" || row === null);
  if (wrong >= 0) throw new TypeError(`table: row ${wrong} is ${kindOf(rows[wrong])}, ${expected}.`);
  return rows;
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

function written(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number") return formatNumber(value);
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
}
