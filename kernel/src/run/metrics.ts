import { isObject, type Notebook } from "./notebook.ts";

/** The MIME type under which a notebook states its results: an object from the metric's name to a number. */
export const METRICS_MIME = "application/vnd.gradbook.metrics+json";

/** The results a notebook states: name → number. A value that is not a number (JSON has no NaN) is kept as NaN. */
export type Metrics = Map<string, number>;

/** Collects the metrics in all outputs of a notebook, in the order of the cells; a later value replaces an earlier one. */
export function collectMetrics(notebook: Notebook): Metrics {
  const metrics: Metrics = new Map();
  for (const cell of notebook.cells) {
    if (cell.cell_type !== "code") continue;
    for (const output of cell.outputs) {
      if (output.output_type !== "display_data" && output.output_type !== "execute_result") continue;
      const stated = output.data[METRICS_MIME];
      if (!isObject(stated)) continue;
      for (const [name, value] of Object.entries(stated))
        metrics.set(name, typeof value === "number" ? value : Number.NaN);
    }
  }
  return metrics;
}
