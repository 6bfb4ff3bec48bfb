import { kindOf } from "../kind.ts";
import { type Cell, cellOf, exactCell, numberOf } from "./cell.ts";
import type { RunColumn } from "./state.ts";

/** A run whose values are told apart: what was chosen, and what came out. Other fields say more about it. */
export interface RunParts {
  readonly name?: string;
  readonly settings?: object;
  readonly metrics?: object;
  readonly [about: string]: unknown;
}

/** A run: its values side by side, as a sweep gives them, or settings and metrics apart. */
export type RunRow = object | RunParts;

/** A run as it was read. */
export interface ReadRun {
  readonly name: string | undefined;
  readonly cells: Record<string, Cell>;
  /** The kinds of those columns of which the row itself says it. */
  readonly kinds: Record<string, RunColumn["kind"]>;
}

const expected =
  "expected an object, for example { rate: 0.1, error: 0.02 } or { settings: { rate: 0.1 }, metrics: { error: 0.02 } }";

/** Reads a row. @param where says in an error which row it is, `who` speaks */
export function readRun(row: RunRow, where: string, who = "runTable"): ReadRun {
  if (typeof row !== "object" || row === null || Array.isArray(row))
    throw new TypeError(`${who}: ${where} is ${kindOf(row)}, ${expected}.`);
  const { name, ...rest } = row as RunParts;
  const read: ReadRun = { name: nameOf(name), cells: {}, kinds: {} };
  if (isRecord(rest.settings) || isRecord(rest.metrics)) readParts(rest, read);
  else readFlat(rest, read);
  // A trial's number is its name.
  const { trial = null, ...cells } = read.cells;
  return read.name === undefined && trial !== null ? { ...read, name: exactCell(trial), cells } : read;
}

/** Adds values that came later. */
export function withValues(run: ReadRun, later: ReadRun): ReadRun {
  return {
    name: later.name ?? run.name,
    cells: { ...run.cells, ...later.cells },
    kinds: { ...run.kinds, ...later.kinds },
  };
}

function readParts({ settings = {}, metrics = {}, ...rest }: RunParts, { cells, kinds }: ReadRun): void {
  const put = (name: string, value: unknown, kind: RunColumn["kind"] | undefined) => {
    cells[name] = cellOf(value);
    if (kind) kinds[name] = kind;
  };
  for (const [name, value] of Object.entries(settings)) put(name, value, "setting");
  for (const [name, value] of Object.entries(metrics))
    put(Object.hasOwn(settings, name) ? `${name} (metric)` : name, value, "metric");
  for (const [name, value] of Object.entries(rest)) {
    // A run card or the like: its entries are seen, not its braces.
    if (isRecord(value)) for (const [inner, one] of Object.entries(value)) put(inner, one, undefined);
    else put(name, value, "about");
  }
}

function readFlat(row: object, { cells, kinds }: ReadRun): void {
  // A sweep writes the trial, what was chosen, the seed, the results and the time, in this order.
  const isTrial = ["trial", "seed", "seconds"].every((name) => Object.hasOwn(row, name));
  let results = false;
  for (const [name, value] of Object.entries(row)) {
    cells[name] = cellOf(value);
    if (!isTrial) continue;
    if (name === "seconds") results = false;
    if (name !== "trial" && name !== "seconds" && name !== "failed")
      kinds[name] = results && numberOf(cells[name]) !== undefined ? "metric" : "setting";
    if (name === "seed") results = true;
  }
}

function nameOf(name: unknown): string | undefined {
  const cell = cellOf(name);
  return cell === null ? undefined : exactCell(cell);
}

function isRecord(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
