import { setTimeout as delay } from "node:timers/promises";
import type { Message } from "../wire/index.ts";
import type { Kernel } from "./kernel.ts";
import {
  type CodeCell,
  type ErrorOutput,
  isObject,
  type JsonObject,
  type Notebook,
  type Output,
  tagsOf,
} from "./notebook.ts";
import { OutputCollector } from "./outputs.ts";
import type { Step } from "./resume.ts";
import { type CellLimits, recordTime, runCell } from "./run-cell.ts";
import { WIDGETS_MIME, WidgetStates } from "./widget-states.ts";

/**
 * How a cell ended. `tolerated`: it failed but was allowed to. `skipped`: empty, or tagged `skip-execution`. `kept`: not
 * run, it has the result of an earlier run. `replayed`: run again for its variables, it has the result of an earlier run.
 */
export type CellStatus = "ok" | "failed" | "tolerated" | "interrupted" | "skipped" | "kept" | "replayed";

/** What is told of each code cell. */
export interface CellReport {
  /** Position among the code cells, from 1. */
  number: number;
  id: string;
  /** The first line of its code. */
  title: string;
  status: CellStatus;
  seconds: number;
  error?: ErrorOutput;
  /** The first few errors of a cell that may not fail that nothing caught: they came from timers or promises. */
  uncaught?: ErrorOutput[];
}

/** What happens during a run, for whoever shows its progress. */
export type RunEvent =
  | { kind: "start"; number: number; total: number; title: string }
  /** Text that was printed, or the text of a display that changed. */
  | { kind: "output"; text: string }
  | { kind: "end"; cell: CellReport; total: number }
  /** An error that nothing caught; it may come after the end of the cell that caused it. */
  | { kind: "uncaught"; number: number; error: ErrorOutput }
  | { kind: "warning"; message: string };

/** How the cells of a notebook are to be run. */
export interface ExecuteNotebookOptions extends CellLimits {
  /** Go on after a cell that failed. */
  allowErrors?: boolean;
  /** Cells whose results are those of an earlier run. */
  steps?: ReadonlyMap<CodeCell, Step>;
  onEvent?: (event: RunEvent) => void;
  /** Called, and awaited, after every cell. */
  afterCell?: () => Promise<void>;
}

/** A cell that has been sent to the kernel. */
interface Started {
  readonly cell: CodeCell;
  /** Where its output goes: those of the cell, unless it is replayed. */
  readonly outputs: Output[];
  readonly report: CellReport;
  readonly mayFail: boolean;
  readonly uncaught: ErrorOutput[];
}

/** A timer that fails again and again says no more with its hundredth error. */
const MOST_UNCAUGHT = 10;
/** How long errors that nobody awaits may come after the last cell, in milliseconds. */
const AFTERMATH = 150;

/**
 * Runs the code cells of a notebook in order and stores in them what they produce, until one fails.
 * Without a kernel only cells whose result is kept are looked at. Tags count as in Jupyter's own tools: `raises-exception` allows a cell to fail, `skip-execution` leaves it out.
 */
export async function executeNotebook(
  notebook: Notebook,
  kernel: Kernel | undefined,
  options: ExecuteNotebookOptions = {},
): Promise<CellReport[]> {
  const cells = notebook.cells.filter((cell) => cell.cell_type === "code");
  const reports: CellReport[] = [];
  const collector = new OutputCollector();
  const widgets = new WidgetStates((content) => kernel?.notify("comm_msg", content));
  const started = new Map<string, Started>();
  // Output of earlier cells may arrive at any time (timers, live displays): it goes to the cell that caused it.
  const unsubscribe = kernel?.listen((message) => {
    widgets.receive(message);
    const request = message.parent.msg_id ?? "";
    const origin = started.get(request);
    if (!origin) return;
    const { cell, outputs } = origin;
    if (outputs === cell.outputs) recordTime(cell, message);
    const captured = widgets.capturing(request);
    if (collector.apply(captured ?? outputs, message.header.msg_type, message.content) && captured)
      widgets.captured(request);
    const text = newText(message);
    if (text !== undefined) options.onEvent?.({ kind: "output", text });
    for (const error of uncaughtErrors(message).slice(0, MOST_UNCAUGHT - origin.uncaught.length)) {
      origin.uncaught.push(error);
      if (!origin.mayFail) noteUncaught(origin);
      options.onEvent?.({ kind: "uncaught", number: origin.report.number, error });
    }
  });

  const results = new Map(
    [...(options.steps ?? [])].map(([cell]) => [cell, { ...cell, metadata: { ...cell.metadata } }]),
  );
  for (const cell of cells) if (!isSkipped(cell) && options.steps?.get(cell) !== "keep") reset(cell);
  try {
    for (const [index, cell] of cells.entries()) {
      if (options.stop?.aborted || options.kill?.aborted) break;
      const report: CellReport = { number: index + 1, id: cell.id, title: title(cell), status: "skipped", seconds: 0 };
      reports.push(report);
      if (cell.source.trim() === "" || isSkipped(cell)) continue;
      if (options.steps?.get(cell) === "keep") {
        report.status = "kept";
        options.onEvent?.({ kind: "end", cell: report, total: cells.length });
        continue;
      }
      if (!kernel) break;
      options.onEvent?.({ kind: "start", number: report.number, total: cells.length, title: report.title });
      const begun = performance.now();
      const mayFail = options.allowErrors === true || tagsOf(cell).includes("raises-exception");
      const execution = kernel.execute(cell.source, { stopOnError: !mayFail, metadata: { cellId: cell.id } });
      started.set(execution.id, { cell, outputs: cell.outputs, report, mayFail, uncaught: [] });
      const status = await runCell(execution, cell, kernel, options);
      report.status = status === "failed" && mayFail && !kernel.closed ? "tolerated" : status;
      report.seconds = (performance.now() - begun) / 1000;
      const error = cell.outputs.findLast((output): output is ErrorOutput => output.output_type === "error");
      if (report.status !== "ok" && error) report.error = error;
      const result = results.get(cell);
      if (result && (report.status === "ok" || report.status === "tolerated")) {
        Object.assign(cell, result);
        report.status = "replayed";
      }
      options.onEvent?.({ kind: "end", cell: report, total: cells.length });
      await options.afterCell?.();
      if (report.status === "interrupted" || report.status === "failed") break;
    }
    if (started.size > 0 && !kernel?.closed && !options.stop?.aborted) await delay(AFTERMATH);
  } finally {
    unsubscribe?.();
    keepWidgets(notebook, widgets, results.size > 0);
  }
  return reports;
}

/** A cell keeps the mark, so that a later run does not take its result for a good one. */
function noteUncaught({ cell, report, uncaught }: Started): void {
  report.uncaught = uncaught;
  cell.metadata.gradbook = { uncaught: true };
}

/** Widgets of an earlier run are kept only when results of it are. */
function keepWidgets({ metadata }: Notebook, widgets: WidgetStates, hasResults: boolean): void {
  const shown = widgets.toMetadata();
  const before = hasResults && isObject(metadata.widgets) ? metadata.widgets[WIDGETS_MIME] : undefined;
  delete metadata.widgets;
  const states = [before, shown?.[WIDGETS_MIME]].flatMap((states) =>
    isObject(states) && isObject(states.state) ? [states.state] : [],
  );
  if (states.length === 0) return;
  const state = Object.assign({}, ...states) as JsonObject;
  metadata.widgets = { [WIDGETS_MIME]: { state, version_major: 2, version_minor: 0 } };
}

function isSkipped(cell: CodeCell): boolean {
  return tagsOf(cell).includes("skip-execution");
}

/** Without this, a cell after a failed one would show results of another run. */
function reset(cell: CodeCell): void {
  cell.outputs = [];
  cell.execution_count = null;
  delete cell.metadata.execution;
  delete cell.metadata.gradbook;
}

/** What a message lets one read: text that was printed, or what a display that changes while the cell runs says now. */
function newText({ header, content }: Message): string | undefined {
  if (header.msg_type === "stream") return String(content.text ?? "");
  const text = isObject(content.data) ? content.data["text/plain"] : undefined;
  return header.msg_type === "update_display_data" && typeof text === "string" ? `\n${text}\n` : undefined;
}

/** The errors in what was printed that no cell failed with, as our kernel marks them. */
function uncaughtErrors({ header, metadata }: Message): ErrorOutput[] {
  const { uncaught }: { uncaught?: unknown } = metadata;
  if (header.msg_type !== "stream" || !Array.isArray(uncaught)) return [];
  return uncaught.filter(isObject).map(({ ename, evalue, traceback }) => ({
    output_type: "error",
    ename: String(ename),
    evalue: String(evalue),
    traceback: Array.isArray(traceback) ? traceback.map(String) : [],
  }));
}

function title(cell: CodeCell): string {
  return cell.source.trim().split("\n", 1)[0] ?? "";
}
