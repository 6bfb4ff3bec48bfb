import type { Line } from "../../series/line.ts";
import type { Run } from "../../series/run.ts";

/** What a loss curve can be saved as. */
export type FileKind = "csv" | "json" | "png" | "svg";

/** Numbers as they were recorded; times were kept to the digits of single precision. */
const single = (value: number) => Number(value.toPrecision(7));

const when = (run: Run, line: Line, at: number) => new Date(run.began + 1000 * line.walls[at]!).toISOString();

/** All values as a table: one row for each step of each run, one column for each metric. */
export function csvOf(runs: readonly Run[]): string {
  const metrics = [...new Set(runs.flatMap(({ lines }) => [...lines.values()].map(({ metric }) => metric)))];
  const rows = runs.flatMap((run) => {
    const found = new Map<
      string,
      { readonly head: string[]; readonly step: number; readonly values: Map<string, number> }
    >();
    for (const line of run.lines.values()) {
      for (let at = 0; at < line.length; at++) {
        const [step, seconds] = [line.steps[at]!, line.seconds[at]!];
        // Values that were given together have the same time; a step may have been given twice.
        const key = `${step} ${seconds} ${line.walls[at]}`;
        let row = found.get(key);
        if (!row) {
          const epoch = run.epochs.known ? String(single(run.epochs.at(step, run.lastStep))) : "";
          row = {
            head: [run.name, String(step), epoch, String(single(seconds)), when(run, line, at)],
            step,
            values: new Map(),
          };
          found.set(key, row);
        }
        row.values.set(line.metric, line.values[at]!);
      }
    }
    return [...found.values()]
      .sort((a, b) => a.step - b.step)
      .map(({ head, values }) => [...head, ...metrics.map((metric) => String(values.get(metric) ?? ""))]);
  });
  const head = ["run", "step", "epoch", "seconds", "time", ...metrics];
  return `${[head, ...rows].map((row) => row.map(quoted).join(",")).join("\r\n")}\r\n`;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
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
