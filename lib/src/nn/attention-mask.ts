import { softmax } from "../operations/activation.ts";
import { add } from "../operations/arithmetic.ts";
import { lessEqual } from "../operations/comparison.ts";
import { expandDims } from "../operations/rearrange.ts";
import { where } from "../operations/selection.ts";
import { arange, tensorOf } from "../tensor/create.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What may be attended to. Where nothing may, all keys get the same weight. */
export interface AttentionOptions {
  /** bool, true where a query may attend to a key; broadcast to the scores `[…, queries, keys]`. */
  readonly mask?: Tensor;
  /** Query `i` attends to no key after the `i`th. */
  readonly causal?: boolean;
  /** How many keys each sequence of the batch has; those after are padding. */
  readonly lengths?: ArrayLike<number>;
  /** Added to the scores before the softmax; broadcast to them. */
  readonly bias?: Tensor;
}

/** The score of what may not be attended to: its exponential is 0 beside any other. */
const never = -1e30;

/** @internal Scores `[…, queries, keys]` as weights that sum to 1 over the keys, nothing where nothing is allowed. */
export function weightsOf(who: string, scores: Tensor, options: AttentionOptions): Tensor<"float32"> {
  if (options.bias !== undefined) requireBroadcast(who, "bias", options.bias, scores);
  const biased = options.bias === undefined ? scores : add(scores, options.bias);
  const allowed = masksOf(who, scores, options).reduce<Tensor>((kept, mask) => where(mask, kept, never), biased);
  return softmax(allowed) as Tensor<"float32">;
}

function masksOf(who: string, scores: Tensor, { mask, causal = false, lengths }: AttentionOptions): Tensor[] {
  const [queries, keys] = scores.shape.slice(-2) as [number, number];
  const masks: Tensor[] = [];
  if (mask !== undefined) {
    if (mask.dtype !== "bool")
      throw new DTypeError(who, `the mask is ${mask.dtype}, expected bool, true where attention is allowed.`);
    requireBroadcast(who, "mask", mask, scores);
    masks.push(mask);
  }
  const on = { device: scores.device };
  if (causal) masks.push(lessEqual(arange(keys, on), expandDims(arange(queries, on), -1)));
  if (lengths !== undefined) {
    const batch = scores.shape[0]!;
    if (scores.rank < 3 || lengths.length !== batch)
      throw new ArgumentError(
        who,
        `${lengths.length} lengths for scores ${showShape(scores.shape)}, expected ${batch}.`,
      );
    const list = Array.from(lengths);
    const odd = list.findIndex((n) => !Number.isInteger(n) || n < 1 || n > keys);
    if (odd >= 0)
      throw new ArgumentError(who, `length ${list[odd]} of sequence ${odd}, expected 1 … ${keys}, the keys there are.`);
    const ones = new Array<number>(scores.rank - 2).fill(1);
    masks.push(insideOf(list, keys, [batch, ...ones, keys], scores));
  }
  return masks;
}

function requireBroadcast(who: string, what: string, x: Tensor, scores: Tensor): void {
  if (x.shape.toReversed().every((n, i) => n === 1 || n === scores.shape.at(-1 - i))) return;
  throw new ShapeError(
    who,
    `the ${what} ${showShape(x.shape)} does not broadcast to the scores ${showShape(scores.shape)}.`,
    [x.shape, scores.shape],
  );
}

/** @internal True before the end of each sequence. */
export function insideOf(
  lengths: readonly number[],
  steps: number,
  shape: readonly number[],
  beside: Tensor,
): Tensor<"bool"> {
  const inside = Uint8Array.from({ length: lengths.length * steps }, (_, i) =>
    i % steps < lengths[Math.floor(i / steps)]! ? 1 : 0,
  );
  return tensorOf(inside, "bool", shape, beside.device);
}
