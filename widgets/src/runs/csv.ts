import { csvOfRows } from "../csv.ts";
import { numberOf } from "./cell.ts";
import type { SeenRuns } from "./seen.ts";

/** What is seen, as comma-separated values, with all digits. */
export function csvOf({ columns, runs }: SeenRuns): string {
  return csvOfRows([
    ["run", ...columns.map(({ name }) => name)],
    ...runs.map(({ name, cells }) => [
      name,
      ...columns.map((column) => {
        const cell = cells[column.name];
        return typeof cell === "object" ? numberOf(cell ?? undefined) : cell;
      }),
    ]),
  ]);
}
