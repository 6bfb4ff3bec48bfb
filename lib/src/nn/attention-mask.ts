import type { Device, Shape } from "../device/device.ts";
import { softmax } from "../operations/activation.ts";
import { add } from "../operations/arithmetic.ts";
import { never } from "../operations/attention.ts";
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

/** @internal What options say of scores of a shape: what is added to them, and where attention is allowed. */
export interface Restrictions {
  readonly bias: Tensor | undefined;
  readonly masks: readonly Tensor[];
  /** Not yet among the masks. */
  readonly causal: boolean;
}

/** @internal The restrictions that options put on scores `[…, queries, keys]`. */
export function restrictionsOf(who: string, scores: Pick<Tensor, "shape" | "device">, options: AttentionOptions) {
  const { bias, causal = false } = options;
  if (bias !== undefined) requireBroadcast(who, "bias", bias, scores.shape);
  return { bias, masks: masksOf(who, scores, options), causal } satisfies Restrictions;
}

/** @internal Scores as weights that sum to 1 over the keys, nothing where nothing is allowed. */
export function restricted(scores: Tensor, { bias, masks, causal }: Restrictions): Tensor<"float32"> {
  const biased = bias === undefined ? scores : add(scores, bias);
  const all = causal ? [...masks, earlier(scores)] : masks;
  return softmax(all.reduce<Tensor>((kept, mask) => where(mask, kept, never), biased)) as Tensor<"float32">;
}

/** @internal Scores `[…, queries, keys]` as weights, by what options say. */
export function weightsOf(who: string, scores: Tensor, options: AttentionOptions): Tensor<"float32"> {
  return restricted(scores, restrictionsOf(who, scores, options));
}

/** True where a key is not after its query. */
function earlier({ shape, device }: Tensor): Tensor {
  const [queries, keys] = shape.slice(-2) as [number, number];
  return lessEqual(arange(keys, { device }), expandDims(arange(queries, { device }), -1));
}

function masksOf(
  who: string,
  { shape, device }: Pick<Tensor, "shape" | "device">,
  { mask, lengths }: AttentionOptions,
): Tensor[] {
  const masks: Tensor[] = [];
  if (mask !== undefined) {
    if (mask.dtype !== "bool")
      throw new DTypeError(who, `the mask is ${mask.dtype}, expected bool, true where attention is allowed.`);
    requireBroadcast(who, "mask", mask, shape);
    masks.push(mask);
  }
  if (lengths !== undefined) {
    const [batch, keys] = [shape[0]!, shape.at(-1)!];
    if (shape.length < 3 || lengths.length !== batch)
      throw new ArgumentError(who, `${lengths.length} lengths for scores ${showShape(shape)}, expected ${batch}.`);
    const list = Array.from(lengths);
    const odd = list.findIndex((n) => !Number.isInteger(n) || n < 1 || n > keys);
    if (odd >= 0)
      throw new ArgumentError(who, `length ${list[odd]} of sequence ${odd}, expected 1 … ${keys}, the keys there are.`);
    const ones = new Array<number>(shape.length - 2).fill(1);
    masks.push(insideOf(list, keys, [batch, ...ones, keys], device));
  }
  return masks;
}

function requireBroadcast(who: string, what: string, { shape }: Tensor, scores: Shape): void {
  if (shape.length <= scores.length && shape.every((n, i) => n === 1 || n === scores.at(i - shape.length))) return;
  throw new ShapeError(who, `the ${what} ${showShape(shape)} does not broadcast to the scores ${showShape(scores)}.`, [
    shape,
    scores,
  ]);
}

/** @internal True before the end of each sequence. */
export function insideOf(
  lengths: readonly number[],
  steps: number,
  shape: readonly number[],
  device: Device,
): Tensor<"bool"> {
  const inside = Uint8Array.from({ length: lengths.length * steps }, (_, i) =>
    i % steps < lengths[Math.floor(i / steps)]! ? 1 : 0,
  );
  return tensorOf(inside, "bool", shape, device);
}
