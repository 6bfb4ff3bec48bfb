import type { MimeBundle } from "./display.ts";
import { kindOf } from "./kind.ts";
import { LiveWidget } from "./live-widget.ts";
import { Paced } from "./paced.ts";
import { tableBundle } from "./picture/text-table.ts";
import { numberOf, writtenCell } from "./runs/cell.ts";
import { columnsOf, guessed } from "./runs/columns.ts";
import { type ReadRun, type RunRow, readRun, withValues } from "./runs/read-run.ts";
import { seenRuns } from "./runs/seen.ts";
import type { Better, Run, RunColumn, RunTableState } from "./runs/state.ts";

/** How a table of runs looks. */
export interface RunTableOptions {
  readonly title?: string;
  /**
   * Metrics, and whether their lower or their higher values are better. Guessed from the names of others: lower for
   * losses, errors and perplexities, higher for accuracies and scores.
   */
  readonly best?: Readonly<Record<string, Better>>;
  /** The names of the metrics: all else are settings. Default: what a sweep or the row itself calls so, or by name. */
  readonly metrics?: readonly string[];
  /** The column by which runs are sorted at first: a metric with its best value above. Default: as they were added. */
  readonly sort?: string;
}

/** A run in a table, of which more can be said. */
export interface RunEntry {
  /** Sets values, those of names that are there already anew. */
  update(values: RunRow): void;
}

/** Runs side by side: their settings and what came out. Made by {@link runTable}. */
export class RunTable extends LiveWidget<RunTableState> {
  readonly #options: RunTableOptions;
  readonly #held: { runs: ReadRun[] };
  readonly #publish = new Paced(() => this.set(this.#current()));

  constructor(rows: Iterable<RunRow>, options: RunTableOptions) {
    const { title = "", sort } = options;
    const held = { runs: readAll(rows) };
    const parts = current(held.runs, options);
    const first = parts.columns.find(({ name }) => name === sort);
    const state: RunTableState = {
      title,
      ...parts,
      sort: sort === undefined ? null : { column: sort, descending: descends(sort, first, options) },
      hidden: [],
      filter: "",
      differing: false,
    };
    super("run-table", { state, snapshot: () => current(held.runs, options) });
    this.#options = options;
    this.#held = held;
  }

  /** Adds a run, for example each that a sweep gives. */
  add(row: RunRow): RunEntry {
    const { runs } = this.#held;
    const index = runs.push(readRun(row, `run ${runs.length + 1}`)) - 1;
    this.#show();
    return {
      update: (values) => {
        runs[index] = withValues(runs[index]!, readRun(values, `the values of run ${index + 1}`));
        if (runs === this.#held.runs) this.#show();
      },
    };
  }

  /** Shows other runs. */
  update(rows: Iterable<RunRow>): void {
    this.#held.runs = readAll(rows);
    this.#show();
  }

  #show(): void {
    if (this.isLive) this.#publish.ask();
    this.changed();
  }

  #current(): { columns: readonly RunColumn[]; runs: readonly Run[] } {
    return current(this.#held.runs, this.#options);
  }

  protected picture(): MimeBundle {
    const { columns, runs } = seenRuns({
      ...this.#current(),
      sort: this.get("sort"),
      hidden: this.get("hidden"),
      filter: this.get("filter"),
      differing: this.get("differing"),
    });
    const texts = columns.map(({ name, numeric, best }) => {
      const cells = runs.map((run) => run.cells[name]);
      const strong = new Set(
        cells.flatMap((cell, row) => (best !== undefined && numberOf(cell) === best ? [row] : [])),
      );
      return {
        name,
        cells: cells.map((cell, row) => `${strong.has(row) ? "★ " : ""}${writtenCell(cell)}`),
        right: numeric,
        strong,
      };
    });
    const title = this.get("title");
    const names = { name: "run", cells: runs.map(({ name }) => name), right: false };
    return tableBundle([names, ...texts], title === "" ? undefined : title);
  }
}

/**
 * Compares runs: one row for each, with its settings, what came out, and bars behind that. The best values are marked,
 * settings that differ stand out; in a notebook the table is sorted by a click, filtered, and saved as CSV.
 *
 * @param rows objects: their fields side by side, such as the rows of a sweep, or `{ name, settings, metrics }`
 * @example
 * ```ts
 * const runs = runTable([], { title: "Learning rates", sort: "error" });
 * display(runs);
 * for await (const row of sweep({ rate: [0.1, 0.01] }, trainOnce)) runs.add(row);
 * ```
 * @throws TypeError for a row that is no object
 */
export function runTable(rows: Iterable<RunRow> = [], options: RunTableOptions = {}): RunTable {
  return new RunTable(rows, options);
}

function readAll(rows: Iterable<RunRow>): ReadRun[] {
  if (typeof rows !== "object" || rows === null || !(Symbol.iterator in rows))
    throw new TypeError(
      `runTable: the rows are ${kindOf(rows)}, expected a list of objects, for example [{ rate: 0.1, error: 0.02 }].`,
    );
  return Array.from(rows, (row, index) => readRun(row, `run ${index + 1}`));
}

function current(read: readonly ReadRun[], { best = {}, metrics }: RunTableOptions) {
  const columns = columnsOf(read, { best, metrics });
  const runs = read.map(({ name, cells }, index): Run => ({ name: name ?? String(index + 1), cells }));
  return { columns, runs };
}

/** Whether the best value is the highest: known before there are any. */
function descends(name: string, column: RunColumn | undefined, { best = {} }: RunTableOptions): boolean {
  return (column?.better ?? best[name] ?? guessed(name)) === "higher";
}
