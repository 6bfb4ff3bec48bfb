import { exactCell } from "./cell.ts";
import type { SeenRuns } from "./seen.ts";

/** What is seen, as comma-separated values (RFC 4180), with all digits. */
export function csvOf({ columns, runs }: SeenRuns): string {
  const records = [
    ["run", ...columns.map(({ name }) => name)],
    ...runs.map((run) => [run.name, ...columns.map(({ name }) => exactCell(run.cells[name]))]),
  ];
  return records.map((record) => `${record.map(quoted).join(",")}\r\n`).join("");
}

function quoted(field: string): string {
  return /[",\r\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
