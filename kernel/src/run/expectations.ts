import { readFile } from "node:fs/promises";
import { Problem } from "../problem.ts";
import type { Metrics } from "./metrics.ts";
import { isObject, type Json, type JsonObject } from "./notebook.ts";

/** What one metric must be. Several conditions must all hold. */
export interface Expectation {
  "at most"?: number;
  "at least"?: number;
  equals?: number;
  /** The value expected, within `tolerance` (absolute) on either side. */
  near?: number;
  tolerance?: number;
  /** For the reader: where the figure comes from. */
  note?: string;
}

/**
 * What a run of a notebook must give: the contents of an `expected.json`.
 * ```json
 * {
 *   "seconds": 600,
 *   "profile": { "epochs": 3 },
 *   "metrics": {
 *     "test error, %": { "at most": 1.8, "note": "LeCun et al. 1998 report 0.95" },
 *     "parameters": { "equals": 60000 },
 *     "loss": { "near": 0.12, "tolerance": 0.01 }
 *   }
 * }
 * ```
 */
export interface Expectations {
  /** The time the run should take; a longer one is reported but is no failure, since machines differ. */
  seconds?: number;
  /** The parameters under which the metrics hold. They are injected into the notebook; `-p` wins over them. */
  profile?: JsonObject;
  metrics: Record<string, Expectation>;
}

/** The outcome for one metric. */
export interface Check {
  metric: string;
  /** Undefined when the notebook did not state the metric. */
  measured: number | undefined;
  expected: string;
  ok: boolean;
}

/** A mistake in a file of expectations, with its place. */
export class ExpectationError extends Problem {
  override readonly name = "ExpectationError";
}

/** Reads and checks a file of expectations. @throws ExpectationError */
export async function readExpectations(path: string): Promise<Expectations> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new ExpectationError(`${path}: the expectations cannot be read (${(error as Error).message}).`);
  }
  return parseExpectations(text, path);
}

/** Parses expectations strictly: an unknown or misspelt word is an error, never a check left out. @throws ExpectationError */
export function parseExpectations(text: string, name = "expected.json"): Expectations {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ExpectationError(`${name}: this is not JSON (${(error as Error).message}).`);
  }
  const refuse = (place: string, is: string, expected: string): never => {
    throw new ExpectationError(`${name}: ${place} ${is}; ${expected}.`);
  };
  if (!isObject(value)) return refuse("the file", "is not an object", 'expected { "metrics": { … } }');
  for (const key of Object.keys(value))
    if (!["seconds", "profile", "metrics"].includes(key))
      refuse(`"${key}"`, "is not known here", 'expected "metrics", "seconds" or "profile"');
  const { seconds, profile, metrics } = value;
  if (seconds !== undefined && !(typeof seconds === "number" && seconds > 0))
    refuse('"seconds"', `is ${JSON.stringify(seconds)}`, "a positive number of seconds was expected");
  if (profile !== undefined && !isObject(profile))
    refuse('"profile"', `is ${JSON.stringify(profile)}`, 'parameters and their values were expected: { "epochs": 3 }');
  if (!isObject(metrics) || Object.keys(metrics).length === 0)
    return refuse('"metrics"', "names no metric", 'expected { "metrics": { "test error, %": { "at most": 2 } } }');
  for (const [metric, conditions] of Object.entries(metrics)) {
    const mistake = mistakeIn(conditions);
    if (mistake) refuse(`the metric "${metric}"`, mistake.is, mistake.expected);
  }
  return value as unknown as Expectations;
}

/** Compares what a notebook stated with what was expected, in the order of the file. */
export function checkMetrics(metrics: Metrics, expectations: Expectations): Check[] {
  return Object.entries(expectations.metrics).map(([metric, expectation]) => {
    const measured = metrics.get(metric);
    return {
      metric,
      measured,
      expected: describe(expectation),
      ok: measured !== undefined && holds(measured, expectation),
    };
  });
}

const CONDITIONS = ["at most", "at least", "equals", "near"] as const;

function mistakeIn(value: Json): { is: string; expected: string } | undefined {
  const example = 'for example { "at most": 1.8 }';
  if (!isObject(value)) return { is: `is ${JSON.stringify(value)}`, expected: `conditions were expected, ${example}` };
  for (const [key, condition] of Object.entries(value)) {
    if (key === "note") {
      if (typeof condition !== "string") return { is: 'has a "note" that is no text', expected: "a text was expected" };
    } else if (key !== "tolerance" && !CONDITIONS.some((known) => known === key))
      return {
        is: `has the condition "${key}"`,
        expected: 'expected "at most", "at least", "equals", or "near" with "tolerance"',
      };
    else if (typeof condition !== "number" || !Number.isFinite(condition))
      return { is: `has "${key}": ${JSON.stringify(condition)}`, expected: "a number was expected" };
  }
  if (!CONDITIONS.some((key) => key in value)) return { is: "has no condition", expected: `add one, ${example}` };
  if ("near" in value !== "tolerance" in value)
    return { is: 'has "near" or "tolerance" alone', expected: 'they go together: { "near": 0.12, "tolerance": 0.01 }' };
  if (typeof value.tolerance === "number" && value.tolerance < 0)
    return { is: "has a negative tolerance", expected: "zero or more was expected" };
  return undefined;
}

function holds(measured: number, expectation: Expectation): boolean {
  const { "at most": most, "at least": least, equals, near, tolerance } = expectation;
  if (Number.isNaN(measured)) return false;
  if (most !== undefined && measured > most) return false;
  if (least !== undefined && measured < least) return false;
  if (equals !== undefined && measured !== equals) return false;
  return near === undefined || Math.abs(measured - near) <= (tolerance ?? 0);
}

function describe(expectation: Expectation): string {
  const { "at most": most, "at least": least, equals, near, tolerance } = expectation;
  const parts: string[] = [];
  if (least !== undefined) parts.push(`≥ ${least}`);
  if (most !== undefined) parts.push(`≤ ${most}`);
  if (equals !== undefined) parts.push(`= ${equals}`);
  if (near !== undefined) parts.push(`${near} ± ${tolerance}`);
  return parts.join(", ");
}
