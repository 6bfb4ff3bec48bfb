import type { JupyterServer } from "./jupyter-server.ts";
import type { RunResult } from "./run-all.ts";
import { failureTexts, summaryOf } from "./summary.ts";

/** Prints how a run ended: what failed on stderr, the rest on stdout. */
export function showOutcome(result: RunResult, expectedSeconds: number | undefined, server: JupyterServer): void {
  if ("problem" in result) {
    console.error(result.problem);
    return;
  }
  for (const text of failureTexts(result.cells, process.stderr.isTTY === true)) console.error(`\n${text}`);
  console.log(`\n${summaryOf(result, expectedSeconds)}`);
  if (result.kernelId !== undefined)
    console.log(
      `The kernel goes on: gradbook run ${result.notebook} --server ${server.url} --kernel-id ${result.kernelId}`,
    );
}

/** How many of several notebooks did what they should. */
export function countOf(results: readonly RunResult[], total: number): string {
  const good = results.filter(({ status }) => status === "ok").length;
  const bad = results.filter(({ status }) => status !== "ok").map(({ notebook }) => notebook);
  const left = total - results.length;
  const parts = [`${good} of ${total} notebooks ran well.`];
  if (bad.length > 0) parts.push(`Not: ${bad.join(", ")}.`);
  if (left > 0) parts.push(`${left} not begun.`);
  return parts.join(" ");
}
