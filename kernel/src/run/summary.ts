import { stripVTControlCharacters } from "node:util";
import type { CellReport } from "./execute-notebook.ts";
import type { ErrorOutput } from "./notebook.ts";
import { duration } from "./progress.ts";
import type { RunReport } from "./run-notebook.ts";

/** What is said at the end of a run: the metrics against what was expected, the time, and where the notebook lies. */
export function summaryOf(report: RunReport, expectedSeconds?: number): string {
  const parts = [metricsTable(report)];
  const ran = report.cells.filter(({ status }) => status !== "skipped" && status !== "kept");
  const kept = report.cells.filter(({ status }) => status === "kept").length;
  const slowest = ran.reduce((worst, cell) => (cell.seconds > worst.seconds ? cell : worst), { number: 0, seconds: 0 });
  const cells = `${ran.length} ${ran.length === 1 ? "cell" : "cells"} in ${duration(report.seconds)}`;
  const late = expectedSeconds !== undefined && report.seconds > expectedSeconds;
  const note = late ? ` (longer than the ${duration(expectedSeconds)} expected)` : "";
  const longest = ran.length > 1 ? `; the longest, cell ${slowest.number}, took ${duration(slowest.seconds)}` : "";
  const before = kept > 0 ? `; ${kept} kept from an earlier run` : "";
  parts.push(`${cells}${note}${longest}${before}\nThe executed notebook: ${report.out}`);
  return parts.filter((part) => part !== "").join("\n\n");
}

/** The metrics as a table; those without an expectation only when there are no expectations at all. */
export function metricsTable({ checks, metrics }: Pick<RunReport, "checks" | "metrics">): string {
  if (checks.length > 0) {
    const rows = checks.map(({ metric, measured, expected, ok }) => [
      metric,
      figure(measured),
      expected,
      ok ? "✓" : "✗",
    ]);
    return table([["metric", "measured", "expected", ""], ...rows]);
  }
  const rows = Object.entries(metrics).map(([metric, value]) => [metric, figure(value ?? Number.NaN)]);
  return rows.length === 0 ? "" : table([["metric", "measured"], ...rows]);
}

/** The failures of cells as a terminal or a log shows them, with the kernel's colours only where they are welcome. */
export function failureTexts(cells: readonly CellReport[], colours: boolean): string[] {
  const shown = (heading: string, { traceback, ename, evalue }: ErrorOutput) => {
    const text = traceback.length > 0 ? traceback.join("\n") : `${ename}: ${evalue}`;
    return `${heading}\n${colours ? text : stripVTControlCharacters(text)}`;
  };
  const last = cells.at(-1);
  const failed = last?.status === "failed" && last.error;
  return [
    ...cells.flatMap(({ number, title, uncaught = [] }) =>
      uncaught.slice(0, 1).map((error) => shown(`Cell ${number} caused an error nobody caught: ${title}`, error)),
    ),
    ...(failed ? [shown(`Cell ${last.number} failed: ${last.title}`, failed)] : []),
  ];
}

function figure(value: number | undefined): string {
  if (value === undefined) return "missing";
  if (Number.isNaN(value)) return "not a number";
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

function table(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const ruled = [rows[0]!, widths.map((width) => "─".repeat(width)), ...rows.slice(1)];
  return ruled
    .map((row) =>
      row
        .map((text, column) => (column === 1 ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
