import type { Cell } from "./cell.ts";

/** Which values of a metric are better; of some, none is. */
export type Better = "lower" | "higher" | "neither";

/** What is known of each run under one name. */
export interface RunColumn {
  readonly name: string;
  /** What was chosen, what came out, or what else is known, such as the time it took. */
  readonly kind: "setting" | "metric" | "about";
  readonly better: Better;
}

/** One run. */
export interface Run {
  readonly name: string;
  readonly cells: Readonly<Record<string, Cell>>;
}

/** By which column runs are sorted; the run's own name is the column "". */
export interface RunOrder {
  readonly column: string;
  readonly descending: boolean;
}

/** What kernel and page share of a table of runs. */
export interface RunTableState {
  title: string;
  columns: readonly RunColumn[];
  runs: readonly Run[];
  sort: RunOrder | null;
  /** Columns that are not seen. */
  hidden: readonly string[];
  filter: string;
  /** Whether all but metrics is left out where it is the same in all runs. */
  differing: boolean;
}
