import { leavesOf, withLeaves } from "../../gradient/tree.ts";
import { take } from "../../operations/indexing.ts";
import { tensorOf } from "../../tensor/create.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkCount } from "../module.ts";

/**
 * One step of a model that writes: from its state and the last tokens, int32 `[rows]`, the logits of the next ones,
 * `[rows, tokens]`, and the state after. The state is a tensor or tensors in arrays and records, each with one entry for
 * each row along its first axis: what differs between sequences belongs into it, since rows are left out and change
 * places. `weights [rows, any]`, such as those of attention, are kept with each sequence.
 */
export type DecodingStep<State> = (
  state: State,
  tokens: Tensor<"int32">,
) => { readonly logits: Tensor; readonly state: State; readonly weights?: Tensor | undefined };

export interface DecodingOptions<State> {
  /** What the model knows before the first step, by sequence along the first axis. */
  readonly state: State;
  /** The token that each sequence begins with, int32 tokens `[sequences]` or one for each; it is not part of what is written. */
  readonly first: ArrayLike<number>;
  /** The token that ends a sequence; without, all are as long as they may be. */
  readonly end?: number;
  /** The most tokens that are written, the end included. */
  readonly steps: number;
  /** Stops between two steps. */
  readonly signal?: AbortSignal;
}

/** What was written for one sequence. */
export interface Decoded {
  /** The tokens, without the first and the end. */
  readonly tokens: readonly number[];
  /** Natural logarithm of the model's probability of these tokens, the end included where it came. */
  readonly logProbability: number;
  /** What hypotheses are ranked by: the logarithm over the length penalty of beam search, and else the logarithm itself. */
  readonly score: number;
  /** Whether the end came within the steps. */
  readonly ended: boolean;
  /** By token, the end included, the weights that the step gave beside the logits. */
  readonly weights: readonly Float32Array[];
}

/** @internal A sequence that is being written. */
export interface Draft {
  readonly tokens: readonly number[];
  readonly logProbability: number;
  readonly weights: readonly Float32Array[];
}

/** @internal What one step says: for each row the logarithms of probabilities, and the weights. */
export interface Outlook<State> {
  readonly state: State;
  readonly logProbabilities: readonly Float64Array[];
  readonly weights: readonly (Float32Array | undefined)[];
}

/** @internal */
export function checkDecoding(who: string, { first, end, steps }: DecodingOptions<unknown>): void {
  checkCount(who, "steps", steps);
  if (first.length === 0) throw new ArgumentError(who, "first has no tokens, expected one for each sequence.");
  const odd = [...Array.from(first), ...(end === undefined ? [] : [end])].find((n) => !Number.isInteger(n) || n < 0);
  if (odd !== undefined) throw new ArgumentError(who, `token ${odd}, expected a whole number from 0.`);
}

/** @internal Makes a step, with the state and the logits checked. */
export async function look<State>(
  who: string,
  step: DecodingStep<State>,
  state: State,
  tokens: readonly number[],
  end?: number,
): Promise<Outlook<State>> {
  const rows = tokens.length;
  for (const { path, tensor } of leavesOf(state, "", who))
    if (tensor.shape[0] !== rows)
      throw new ShapeError(
        who,
        `${path === "" ? "the state" : `${path} of the state`} is ${showShape(tensor.shape)} for ${rows} sequences, expected [${rows}, …].`,
        [tensor.shape],
      );
  const { logits, state: after, weights } = step(state, tensorOf(Int32Array.from(tokens), "int32", [rows]));
  if (logits.rank !== 2 || logits.shape[0] !== rows)
    throw new ShapeError(who, `the step gave logits ${showShape(logits.shape)}, expected [${rows}, tokens].`, [
      logits.shape,
    ]);
  if (logits.dtype === "int32" || logits.dtype === "bool")
    throw new DTypeError(who, `the step gave logits of ${logits.dtype}, expected float32 or float64.`);
  if (end !== undefined && end >= logits.shape[1]!)
    throw new ArgumentError(who, `end is ${end}, expected one of the tokens 0 … ${logits.shape[1]! - 1}.`);
  const values = await logits.data();
  const beside = weights === undefined ? undefined : await weights.data();
  const [width, size] = [logits.shape[1]!, (beside?.length ?? 0) / rows];
  return {
    state: after,
    logProbabilities: tokens.map((_, i) => logSoftmaxOf(who, values.subarray(i * width, (i + 1) * width))),
    weights: tokens.map((_, i) => beside && Float32Array.from(beside.subarray(i * size, (i + 1) * size))),
  };
}

function logSoftmaxOf(who: string, logits: ArrayLike<number>): Float64Array {
  const top = Array.from(logits).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(top))
    throw new ArgumentError(who, `the greatest logit of a step is ${top}, expected a finite number.`);
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += Math.exp(logits[i]! - top);
  const norm = top + Math.log(total);
  return Float64Array.from(logits, (logit) => logit - norm);
}

/** @internal The state of other rows: each entry says which row takes that place. */
export function rowsOf<State>(state: State, rows: readonly number[]): State {
  const leaves = leavesOf(state).map(({ tensor }) =>
    take(tensor, tensorOf(Int32Array.from(rows), "int32", [rows.length], tensor.device), 0),
  );
  return withLeaves(state, leaves.values());
}

/** @internal A draft with one token more. */
export function extended(draft: Draft, token: number, outlook: Outlook<unknown>, row: number): Draft {
  const weights = outlook.weights[row];
  return {
    tokens: [...draft.tokens, token],
    logProbability: draft.logProbability + outlook.logProbabilities[row]![token]!,
    weights: weights === undefined ? draft.weights : [...draft.weights, weights],
  };
}

/** @internal What a draft is when nothing more is written. */
export function finished({ tokens, logProbability, weights }: Draft, ended: boolean, score: number): Decoded {
  return { tokens: ended ? tokens.slice(0, -1) : tokens, logProbability, score, ended, weights };
}
