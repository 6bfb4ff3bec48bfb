import type { Observation } from "../data.ts";
import { kindOf } from "../kind.ts";

/** The numbers of one observation that are to be drawn. */
export type Metrics = readonly (readonly [metric: string, value: number])[];

/** Numbers of a log that place an observation or steer the training, and are drawn only when asked for. */
const bookkeeping = new Set(["step", "epoch", "epochs", "seconds", "time", "rate", "gradNorm", "batch", "examples"]);

/**
 * Picks what is to be drawn: the `wanted` fields, or all but the bookkeeping.
 * @throws TypeError when the step or one of these is not a number.
 */
export function metricsOf(observation: Observation, wanted: readonly string[] | undefined): Metrics {
  const { step } = observation;
  if (typeof step !== "number" || !Number.isFinite(step)) {
    throw new TypeError(
      `lossCurve: step is ${String(step)}, expected a number. For example curve.add({ step: 12, loss: 0.7 }).`,
    );
  }
  const metrics: [metric: string, value: number][] = [];
  for (const [field, value] of Object.entries(observation) as [string, unknown][]) {
    if (value === undefined || !(wanted ? wanted.includes(field) : !bookkeeping.has(field))) continue;
    if (typeof value !== "number") {
      throw new TypeError(
        `lossCurve: ${JSON.stringify(field)} is ${kindOf(value)}, expected a number: ${wayOn(value)}.`,
      );
    }
    metrics.push([field, value]);
  }
  return metrics;
}

function wayOn(value: unknown): string {
  const { item, then } = Object(value) as { item?: unknown; then?: unknown };
  if (typeof item === "function") return "await x.item()";
  if (typeof then === "function") return "await it";
  return typeof value === "bigint" ? "Number(x)" : "leave out what was not measured";
}
