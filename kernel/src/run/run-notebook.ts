import { dirname, resolve } from "node:path";
import { chooseKernel } from "./choose-kernel.ts";
import { type CellReport, type ExecuteNotebookOptions, executeNotebook } from "./execute-notebook.ts";
import { type Check, checkMetrics, type Expectations } from "./expectations.ts";
import { Kernel } from "./kernel.ts";
import { collectMetrics } from "./metrics.ts";
import type { JsonObject, Notebook } from "./notebook.ts";
import { readNotebook, writeNotebook } from "./notebook-file.ts";
import { injectParameters } from "./parameters.ts";

/** How a notebook file is to be run. */
export interface RunOptions extends Omit<ExecuteNotebookOptions, "afterCell"> {
  /** Where the executed notebook goes; `executed.ipynb` beside the notebook unless given. */
  out?: string;
  /** The name of the kernelspec, instead of the one the notebook names. */
  kernel?: string;
  /** Values for the variables of the cell tagged `parameters`. */
  parameters?: JsonObject;
  /** What the metrics that the notebook states must be. */
  expect?: Expectations;
}

/** How a run ended. */
export interface RunReport {
  notebook: string;
  /** Where the executed notebook lies. */
  out: string;
  /** The kernelspec that ran it. */
  kernel: string;
  /** `failed` also when all cells ran but a metric is missing or not as expected. */
  status: "ok" | "failed" | "interrupted";
  seconds: number;
  cells: CellReport[];
  /** The numbers the notebook stated; null for one that is no number. */
  metrics: Record<string, number | null>;
  checks: Check[];
}

/** During a run the notebook is saved at most this often, in milliseconds. */
const SAVE_INTERVAL = 10_000;

/**
 * Runs a notebook file headlessly in its own folder and writes the executed notebook, also when a cell fails or the run
 * is stopped.
 * @throws NotebookError, UnknownKernelError, ParameterError, KernelError when the run cannot begin.
 */
export async function runNotebook(path: string, options: RunOptions = {}): Promise<RunReport> {
  const { out = resolve(dirname(path), "executed.ipynb"), expect, onEvent } = options;
  const started = performance.now();
  const notebook = await readNotebook(path);
  const found = await chooseKernel(notebook, options.kernel);
  const { name, spec } = found;
  const parameters = { ...expect?.profile, ...options.parameters };
  for (const unknown of injectParameters(notebook, parameters, spec.language.toLowerCase()))
    onEvent?.({
      kind: "warning",
      message: `The parameter ${unknown} does not stand in the cell tagged "parameters"; is it misspelt?`,
    });

  const kernel = await Kernel.start(found, {
    cwd: resolve(dirname(path)),
    ...(options.stop && { cancel: options.stop }),
  });
  let cells: CellReport[];
  try {
    notebook.metadata.kernelspec = { display_name: spec.display_name, language: spec.language, name };
    if (kernel.info.language_info)
      notebook.metadata.language_info = structuredClone(kernel.info.language_info) as JsonObject;
    const afterCell = savingNowAndThen(out, notebook);
    try {
      cells = await executeNotebook(notebook, kernel, { ...options, afterCell });
    } finally {
      await writeNotebook(out, notebook);
    }
  } finally {
    await (options.kill?.aborted ? kernel.kill() : kernel.shutdown());
  }

  const metrics = collectMetrics(notebook);
  const checks = expect ? checkMetrics(metrics, expect) : [];
  return {
    notebook: path,
    out,
    kernel: name,
    status: outcome(notebook, cells, checks),
    seconds: (performance.now() - started) / 1000,
    cells,
    metrics: Object.fromEntries([...metrics].map(([metric, value]) => [metric, Number.isFinite(value) ? value : null])),
    checks,
  };
}

function outcome(notebook: Notebook, cells: CellReport[], checks: Check[]): RunReport["status"] {
  const complete = cells.length === notebook.cells.filter((cell) => cell.cell_type === "code").length;
  const { status } = cells.at(-1) ?? { status: "ok" };
  if (status === "interrupted" || (!complete && status !== "failed")) return "interrupted";
  return status === "failed" || cells.some((cell) => cell.uncaught) || checks.some((check) => !check.ok)
    ? "failed"
    : "ok";
}

/** A long run that the machine ends should not take its results along. */
function savingNowAndThen(out: string, notebook: Notebook): () => Promise<void> {
  let saved = performance.now();
  return async () => {
    if (performance.now() - saved < SAVE_INTERVAL) return;
    await writeNotebook(out, notebook);
    saved = performance.now();
  };
}
