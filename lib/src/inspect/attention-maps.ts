import { eye } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type Model, type Run, watching } from "./watch.ts";

/**
 * What every attention layer of a model attends to: weights `[batch, heads, queries, keys]` by path, in the order in
 * which they were used; for a layer used again `#2`, `#3` … behind the path. A layer of attention is one that gives a
 * record with a tensor `weights`, as `nn.MultiheadAttention` does.
 * @throws ArgumentError where there is none.
 *
 * @example
 * ```ts
 * import { inspect, nn, random } from "gradbook";
 *
 * const encoder = nn.init(new nn.TransformerEncoder(8, 2, { layers: 3, feedForward: 16 }), { seed: 1 });
 * const maps = inspect.attentionMaps(encoder, random.seed(2).normal([1, 5, 8]));
 * [...maps.keys()]; // ["layers.0.self_attn", "layers.1.self_attn", "layers.2.self_attn"]
 * inspect.attentionRollout([...maps.values()]).shape; // [1, 5, 5]
 * ```
 */
export function attentionMaps<M extends Model>(model: M, on: Run<M>): Map<string, Tensor> {
  const found = new Map<string, Tensor>();
  const times = new Map<string, number>();
  watching(model, on, ({ path, args, forward }) => {
    const output = forward(...args);
    const weights: unknown =
      typeof output === "object" && output !== null ? (output as { readonly weights?: unknown }).weights : undefined;
    if (weights instanceof Tensor) {
      const time = (times.get(path) ?? 0) + 1;
      times.set(path, time);
      found.set(time === 1 ? path : `${path}#${time}`, weights);
    }
    return output;
  });
  if (found.size === 0)
    throw new ArgumentError("attentionMaps", `no layer of ${model.constructor.name} gave attention weights.`);
  return found;
}

export interface RolloutOptions {
  /** How heads become one: their mean (if not said), the largest or the smallest of them. */
  readonly heads?: "mean" | "max" | "min";
  /** Share of what goes past attention by the residual connection; 0.5 if not said. */
  readonly residual?: number;
}

/**
 * How much of each input position arrives at each position after all layers (attention rollout, Abnar and Zuidema 2020):
 * the product of the layers' weights `[batch, heads, steps, steps]`, the first layer first, each mixed with the identity
 * for the residual connection and with rows that sum to 1. `[batch, steps, steps]`: where it came to, where it is from.
 * @throws ShapeError for weights that are not square or differ in shape.
 */
export function attentionRollout(
  layers: readonly Tensor[],
  { heads = "mean", residual = 0.5 }: RolloutOptions = {},
): Tensor {
  const who = "attentionRollout";
  const first = layers[0];
  if (first === undefined) throw new ArgumentError(who, "no layers, expected the weights of at least one.");
  if (!(residual >= 0 && residual <= 1)) throw new ArgumentError(who, `residual is ${residual}, expected 0 … 1.`);
  if (!["mean", "max", "min"].includes(heads))
    throw new ArgumentError(who, `heads is ${heads}, expected "mean", "max" or "min".`);
  return layers
    .map((weights, i) => {
      if (weights.rank !== 4 || weights.shape[2] !== weights.shape[3])
        throw new ShapeError(
          who,
          `layer ${i} is ${showShape(weights.shape)}, expected self-attention [batch, heads, steps, steps].`,
          [weights.shape],
        );
      if (!sameShape(weights.shape.toSpliced(1, 1), first.shape.toSpliced(1, 1)))
        throw new ShapeError(
          who,
          `layer ${i} is ${showShape(weights.shape)}, layer 0 ${showShape(first.shape)}; expected the same steps.`,
          [weights.shape, first.shape],
        );
      const one = weights[heads]({ axis: 1 });
      const identity = eye(first.shape[2]!, { device: weights.device, dtype: weights.dtype });
      const mixed = one.mul(1 - residual).add(identity.mul(residual));
      return mixed.div(mixed.sum({ axis: -1, keepDims: true }));
    })
    .reduce((below, layer) => layer.matmul(below));
}
