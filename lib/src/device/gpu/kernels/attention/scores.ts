import { four } from "./blocks.ts";
import { type Problem, size } from "./problem.ts";

/** The score of what may not be attended to, as where attention is composed. */
const NEVER = "-1e30";

/** Four pairs of a query and a key, which need not be in range. */
export type Pairs = (i: number) => readonly [query: string, key: string];

const held = ([query, key]: readonly [string, string]) =>
  [`min(${query}, ${size.queries} - 1)`, `min(${key}, ${size.keys} - 1)`] as const;
const vector = (of: (i: number) => string) => `(${four.map(of).join(", ")})`;

/** Which of four pairs may attend; undefined where all do. */
function allowedCode(problem: Problem, pairs: Pairs): string | undefined {
  const parts: string[] = [];
  if (problem.causal) parts.push(`vec4i${vector((i) => pairs(i)[1])} <= vec4i${vector((i) => pairs(i)[0])}`);
  if (problem.has("allowed"))
    parts.push(`vec4f${vector((i) => problem.element("allowed", ...held(pairs(i))))} != vec4f()`);
  return parts.length === 0 ? undefined : parts.map((part) => `(${part})`).join(" & ");
}

/** Four products of queries and keys as scores: with their biases, and the least where it is not allowed. */
export function scoresCode(problem: Problem, products: string, pairs: Pairs): string {
  const biased = problem.has("bias")
    ? `${products} + vec4f${vector((i) => problem.element("bias", ...held(pairs(i))))}`
    : products;
  const allowed = allowedCode(problem, pairs);
  return allowed === undefined ? biased : `select(vec4f(${NEVER}), ${biased}, ${allowed})`;
}

/** Cotangents of four scores; those of what is not allowed have none. */
export function slopesCode(problem: Problem, slopes: string, pairs: Pairs): string {
  const allowed = allowedCode(problem, pairs);
  return allowed === undefined ? slopes : `select(vec4f(), ${slopes}, ${allowed})`;
}

/**
 * The powers of scores beside the largest: 1 for the largest itself, also where that is infinite, so that it takes all.
 * What is far below is nothing, and NaN stays, which functions of drivers may not know.
 * A score that is computed again may come out a little above the largest that another program has found.
 */
export const powers = `fn powers(scores: vec4f, top: vec4f) -> vec4f {
  let under = scores - top;
  let known = select(under, exp(clamp(under, vec4f(-110.0), vec4f(1.0))), under <= vec4f(1.0));
  return select(known, vec4f(1.0), scores == top);
}`;
