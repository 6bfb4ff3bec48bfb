import type { Observation } from "../data.ts";
import { kindOf } from "../kind.ts";

/** One number of an observation that is to be recorded. */
export interface Metric {
  readonly metric: string;
  readonly value: number;
  /** For the second axis only. */
  readonly aside: boolean;
  readonly higherIsBetter: boolean;
}

/** The numbers of one observation that are to be recorded. */
export type Metrics = readonly Metric[];

/** What the reader of a log may ask for. */
export interface Wanted {
  /** The fields to draw; all but the bookkeeping where it is not said. */
  readonly metrics: readonly string[] | undefined;
  readonly higherIsBetter: readonly string[];
}

/** Numbers of a log that place an observation or steer the training, and are drawn only when asked for. */
const bookkeeping = new Set(["step", "epoch", "epochs", "seconds", "time", "rate", "gradNorm", "batch", "examples"]);

/** Of these, what the second axis of a live curve can show. */
export const asides = ["rate", "gradNorm"] as const;

/**
 * Picks what is to be recorded: the wanted fields, or all but the bookkeeping, and what the second axis can show.
 * @throws TypeError when the step or one of the wanted fields is not a number.
 */
export function metricsOf(observation: Observation, { metrics: wanted, higherIsBetter }: Wanted): Metrics {
  const { step } = observation;
  if (typeof step !== "number" || !Number.isFinite(step)) {
    throw new TypeError(
      `lossCurve: step is ${String(step)}, expected a number. For example curve.add({ step: 12, loss: 0.7 }).`,
    );
  }
  const metrics: Metric[] = [];
  for (const [field, value] of Object.entries(observation) as [string, unknown][]) {
    if (value === undefined || !(wanted ? wanted.includes(field) : !bookkeeping.has(field))) continue;
    if (typeof value !== "number") {
      throw new TypeError(
        `lossCurve: ${JSON.stringify(field)} is ${kindOf(value)}, expected a number: ${wayOn(value)}.`,
      );
    }
    metrics.push({ metric: field, value, aside: false, higherIsBetter: higherIsBetter.includes(field) });
  }
  for (const metric of asides) {
    const value: unknown = observation[metric];
    if (typeof value === "number") metrics.push({ metric, value, aside: true, higherIsBetter: false });
  }
  return metrics;
}

function wayOn(value: unknown): string {
  const { item, then } = Object(value) as { item?: unknown; then?: unknown };
  if (typeof item === "function") return "await x.item()";
  if (typeof then === "function") return "await it";
  return typeof value === "bigint" ? "Number(x)" : "leave out what was not measured";
}
