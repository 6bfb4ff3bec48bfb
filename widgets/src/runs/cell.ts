import { formatNumber } from "../picture/numbers.ts";
import { shortText, textOf } from "./text.ts";

/** A value of a run, as the shared state carries it: JSON has no numbers that are not finite. */
export type Cell = number | string | boolean | null | { readonly number: "NaN" | "Infinity" | "-Infinity" };

/** A value as a cell; what has no cell of its own is written out. It never throws: that would end a sweep. */
export function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "number")
    return Number.isFinite(value) ? value : { number: String(value) as "NaN" | "Infinity" | "-Infinity" };
  if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) return Number(value);
  if (typeof value === "boolean") return value;
  return typeof value === "string" ? shortText(value) : textOf(value);
}

/** The number of a cell, also one that is not finite; nothing where it is no number. */
export function numberOf(cell: Cell | undefined): number | undefined {
  if (typeof cell === "number") return cell;
  return typeof cell === "object" && cell !== null ? Number(cell.number) : undefined;
}

/** A cell for people. */
export function writtenCell(cell: Cell | undefined): string {
  const number = numberOf(cell);
  return number === undefined ? String(cell ?? "") : formatNumber(number);
}

/** A cell for machines, with all digits. */
export function exactCell(cell: Cell | undefined): string {
  return String(numberOf(cell) ?? cell ?? "");
}
