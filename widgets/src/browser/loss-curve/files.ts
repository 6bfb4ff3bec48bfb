import { type CsvField, csvOfRows } from "../../csv.ts";
import type { Line } from "../../series/line.ts";
import type { Run } from "../../series/run.ts";

/** What a loss curve can be saved as. */
export type FileKind = "csv" | "json" | "png" | "svg";

/** Numbers as they were recorded; times were kept to the digits of single precision. */
const single = (value: number) => Number(value.toPrecision(7));

const when = (run: Run, line: Line, at: number) => new Date(run.began + 1000 * line.walls[at]!).toISOString();

/** The values of a row by metric. */
type Values = Map<string, number>;

/** All values as a table: one row for each step of each run, one column for each metric. */
export function csvOf(runs: readonly Run[]): string {
  const metrics = [...new Set(runs.flatMap(({ lines }) => [...lines.values()].map(({ metric }) => metric)))];
  const rows = runs.flatMap((run) => {
    const found = new Map<string, { readonly head: CsvField[]; readonly step: number; readonly values: Values }>();
    for (const line of run.lines.values()) {
      const times = new Map<string, number>();
      for (let at = 0; at < line.length; at++) {
        const [step, seconds] = [line.steps[at]!, line.seconds[at]!];
        // Values that were given together have the same time; a metric may have been given twice within its digits.
        const place = `${step} ${seconds} ${line.walls[at]}`;
        const time = times.get(place) ?? 0;
        times.set(place, time + 1);
        const key = `${place} ${time}`;
        let row = found.get(key);
        if (!row) {
          const epoch = run.epochs.known ? single(run.epochs.at(step, run.lastStep)) : undefined;
          row = { head: [run.name, step, epoch, single(seconds), when(run, line, at)], step, values: new Map() };
          found.set(key, row);
        }
        row.values.set(line.metric, line.values[at]!);
      }
    }
    return [...found.values()]
      .sort((a, b) => a.step - b.step)
      .map(({ head, values }) => [...head, ...metrics.map((metric) => values.get(metric))]);
  });
  return csvOfRows([["run", "step", "epoch", "seconds", "time", ...metrics], ...rows]);
}

/** All values as JSON: a list for each column of each line; numbers that JSON does not have are written as text. */
export function jsonOf(title: string, runs: readonly Run[]): string {
  const value = (number: number) => (Number.isFinite(number) ? number : String(number));
  return JSON.stringify({
    title,
    runs: runs.map((run) => ({
      name: run.name,
      began: new Date(run.began).toISOString(),
      metrics: Object.fromEntries(
        [...run.lines.values()].map((line) => [
          line.metric,
          {
            step: [...line.column("steps")],
            ...(run.epochs.known && {
              epoch: [...line.column("steps")].map((step) => single(run.epochs.at(step, run.lastStep))),
            }),
            seconds: [...line.column("seconds")].map(single),
            value: [...line.column("values")].map(value),
          },
        ]),
      ),
    })),
  });
}
