import type { Key } from "../../random/key.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import {
  checkDecoding,
  type Decoded,
  type DecodingOptions,
  type DecodingStep,
  type Draft,
  extended,
  finished,
  look,
  rowsOf,
} from "./stepper.ts";

/**
 * Writes the likeliest token at every step. One result for each sequence, in their order; sequences that have ended are
 * left out of the later steps.
 *
 * @example
 * ```ts
 * import { nn, oneHot, type Tensor } from "gradbook";
 *
 * // A model that counts: after token n comes n + 1.
 * const step = (state: [], tokens: Tensor<"int32">) => ({ logits: oneHot(tokens.add(1).cast("int32"), 6).mul(5), state });
 * const [written] = await nn.greedySearch(step, { state: [], first: [0], end: 4, steps: 10 });
 * console.log(written.tokens, written.ended); // [ 1, 2, 3 ] true
 * ```
 */
export function greedySearch<State>(step: DecodingStep<State>, options: DecodingOptions<State>): Promise<Decoded[]> {
  return writeOneByOne("greedySearch", step, options, (logProbabilities) => likeliest(logProbabilities));
}

export interface SamplingOptions<State> extends DecodingOptions<State> {
  readonly key: Key;
  /** Logits are divided by it: below 1 bolder, above 1 wilder; 1 if not said. */
  readonly temperature?: number;
  /** Only the k likeliest tokens may be drawn (Fan, Lewis and Dauphin 2018). */
  readonly topK?: number;
  /** Only the fewest tokens that have this probability together may be drawn (nucleus, Holtzman et al. 2020). */
  readonly topP?: number;
}

/**
 * Draws every token from the model's probabilities, sharpened by `temperature` and then cut off by `topK` and `topP`.
 * `logProbability` is that of the model itself. The same key draws the same tokens.
 */
export function sampleSequences<State>(step: DecodingStep<State>, options: SamplingOptions<State>): Promise<Decoded[]> {
  const who = "sampleSequences";
  const { key, temperature = 1, topK = Number.POSITIVE_INFINITY, topP = 1 } = options;
  if (!(temperature > 0))
    throw new ArgumentError(who, `temperature is ${temperature}, expected a positive number. For 0: greedySearch.`);
  if (topK !== Number.POSITIVE_INFINITY && !(Number.isInteger(topK) && topK > 0))
    throw new ArgumentError(who, `topK is ${topK}, expected a positive integer.`);
  if (!(topP > 0 && topP <= 1)) throw new ArgumentError(who, `topP is ${topP}, expected 0 < topP ≤ 1.`);
  return writeOneByOne(who, step, options, (logProbabilities, sequence, t) => {
    // 24 bits from [0, 1): one number for each sequence and step, whatever the others do.
    const u = (key.child(sequence).child(t).bits(1)[0]! >>> 8) / 2 ** 24;
    return drawnFrom(logProbabilities, u, { temperature, topK, topP });
  });
}

type Choice = (logProbabilities: Float64Array, sequence: number, t: number) => number;

async function writeOneByOne<State>(
  who: string,
  step: DecodingStep<State>,
  options: DecodingOptions<State>,
  choose: Choice,
): Promise<Decoded[]> {
  checkDecoding(who, options);
  const { first, end, steps, signal } = options;
  const results = new Array<Decoded>(first.length);
  // Which sequence each row writes.
  let rows = Array.from({ length: first.length }, (_, i) => i);
  let last = Array.from(first);
  let drafts: Draft[] = rows.map(() => ({ tokens: [], logProbability: 0, weights: [] }));
  let state = options.state;
  for (let t = 0; t < steps && rows.length > 0; t++) {
    signal?.throwIfAborted();
    const outlook = await look(who, step, state, last, end);
    drafts = drafts.map((draft, row) =>
      extended(draft, choose(outlook.logProbabilities[row]!, rows[row]!, t), outlook, row),
    );
    const goesOn = drafts.map(({ tokens }) => tokens.at(-1) !== end);
    drafts.forEach((draft, row) => {
      if (!goesOn[row]) results[rows[row]!] = finished(draft, true, draft.logProbability);
    });
    const open = rows.flatMap((_, row) => (goesOn[row] ? [row] : []));
    state = open.length === rows.length ? outlook.state : rowsOf(outlook.state, open);
    rows = open.map((row) => rows[row]!);
    drafts = open.map((row) => drafts[row]!);
    last = drafts.map(({ tokens }) => tokens.at(-1)!);
  }
  drafts.forEach((draft, row) => {
    results[rows[row]!] = finished(draft, false, draft.logProbability);
  });
  return results;
}

function likeliest(logProbabilities: Float64Array): number {
  return logProbabilities.reduce((best, value, i) => (value > logProbabilities[best]! ? i : best), 0);
}

/** The token at the share `u` of the probabilities that are left, likeliest first. */
function drawnFrom(
  logProbabilities: Float64Array,
  u: number,
  { temperature, topK, topP }: { readonly temperature: number; readonly topK: number; readonly topP: number },
): number {
  const order = Array.from(logProbabilities.keys()).sort(
    (a, b) => logProbabilities[b]! - logProbabilities[a]! || a - b,
  );
  const kept = order.slice(0, topK);
  const top = logProbabilities[kept[0]!]!;
  const shares = kept.map((token) => Math.exp((logProbabilities[token]! - top) / temperature));
  const nucleus = reaching(shares, topP);
  return kept[reaching(shares.slice(0, nucleus + 1), u)]!;
}

/** The first place where the sum from the start reaches that part of the whole. */
function reaching(shares: readonly number[], part: number): number {
  const total = shares.reduce((a, b) => a + b, 0);
  let sum = 0;
  const place = shares.findIndex((share) => {
    sum += share;
    return sum >= part * total && share > 0;
  });
  return place === -1 ? shares.length - 1 : place;
}
