import { type Cell, numberOf, writtenCell } from "./cell.ts";
import { filterOf } from "./filter.ts";
import type { Run, RunColumn, RunOrder, RunTableState } from "./state.ts";

/** A column as it is seen. */
export interface SeenColumn extends RunColumn {
  /** Whether runs differ in it. */
  readonly differs: boolean;
  /** Whether all its values are numbers. */
  readonly numeric: boolean;
  /** The best value of the runs that are seen. */
  readonly best: number | undefined;
  /** From where to where bars reach. */
  readonly scale: readonly [low: number, high: number];
}

/** What is seen of a table of runs. */
export interface SeenRuns {
  readonly columns: readonly SeenColumn[];
  readonly runs: readonly Run[];
}

/** Filters, sorts and measures. */
export function seenRuns(state: Omit<RunTableState, "title">): SeenRuns {
  const { columns, sort, hidden, differing } = state;
  const asked = filterOf(state.filter, columns);
  const runs = sorted(state.runs.filter(asked), sort);
  const seen = columns
    .filter(({ name }) => !hidden.includes(name))
    .map((column) => measured(column, state.runs, runs))
    .filter(({ kind, differs }) => !differing || kind === "metric" || differs);
  return { columns: seen, runs };
}

/** How much of a bar a value fills, from 0 to 1. */
export function shareOf(value: number, [low, high]: readonly [low: number, high: number]): number {
  return high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0;
}

/** The order in which a column is sorted first: the best above, otherwise the lowest. */
export function firstOrder({ name, better }: Pick<RunColumn, "name" | "better">): RunOrder {
  return { column: name, descending: better === "higher" };
}

function measured(column: RunColumn, all: readonly Run[], runs: readonly Run[]): SeenColumn {
  const cells = all.map((run) => run.cells[column.name]);
  const numeric = cells.every((cell) => (cell ?? null) === null || numberOf(cell) !== undefined);
  const values = runs
    .map((run) => numberOf(run.cells[column.name]))
    .filter((value) => Number.isFinite(value)) as number[];
  const lowest = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const highest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const compared = values.length > 1 && column.better !== "neither";
  return {
    ...column,
    numeric,
    differs: new Set(cells.map(writtenCell)).size > 1,
    best: compared ? (column.better === "lower" ? lowest : highest) : undefined,
    scale: barsOf(lowest, highest),
  };
}

/** Bars begin at zero, where values are not much closer to one another than to it. */
function barsOf(lowest: number, highest: number): readonly [low: number, high: number] {
  if (lowest > highest) return [0, 1];
  if (lowest >= 0 && (lowest < 0.5 * highest || lowest === highest)) return [0, highest];
  return [lowest - 0.1 * (highest - lowest), highest];
}

function sorted(runs: readonly Run[], order: RunOrder | null): readonly Run[] {
  if (!order) return runs;
  const { column, descending } = order;
  const written = new Intl.Collator("en", { numeric: true }).compare;
  const cellOf = (run: Run): Cell => (column === "" ? run.name : (run.cells[column] ?? null));
  const isNumber = (cell: Cell) => !Number.isNaN(numberOf(cell) ?? Number.NaN);
  const amongNumbers = runs.some((run) => isNumber(cellOf(run)));
  // What is missing, or is no number among numbers, stands below, whichever way is up.
  const below = (cell: Cell) => {
    if (cell === null) return 2;
    return isNumber(cell) || (numberOf(cell) === undefined && !amongNumbers) ? 0 : 1;
  };
  return runs.toSorted((a, b) => {
    const [first, second] = [cellOf(a), cellOf(b)];
    const apart = below(first) - below(second);
    if (apart !== 0 || below(first) > 0) return apart;
    const [one, other] = [numberOf(first), numberOf(second)];
    // Both may be infinite: their difference is no number.
    const compared =
      one !== undefined && other !== undefined
        ? Number(one > other) - Number(one < other)
        : written(writtenCell(first), writtenCell(second));
    return descending ? -compared : compared;
  });
}
