import type { Shape } from "../device/device.ts";
import { hasRules } from "../gradient/override.ts";
import { add, div } from "../operations/arithmetic.ts";
import { attention } from "../operations/attention.ts";
import { and } from "../operations/comparison.ts";
import { matmul } from "../operations/contraction.ts";
import { slice } from "../operations/indexing.ts";
import { reshape, transpose } from "../operations/rearrange.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { computed, held } from "../tensor/ownership.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type AttentionOptions, restricted, restrictionsOf } from "./attention-mask.ts";
import { Dropout } from "./dropout.ts";
import { glorotUniform, zerosInit } from "./initialisers.ts";
import { Linear } from "./linear.ts";
import { checkCount, Module, parameter } from "./module.ts";
import { type RotaryOptions, rotaryPositions } from "./positions/rotary.ts";

export interface Attended {
  readonly output: Tensor<"float32">;
  /**
   * How much each query attends to each key, `[…, queries, keys]`; rows sum to 1, dropout is not among it. A device that
   * attends without them computes them whenever one asks.
   */
  readonly weights: Tensor<"float32">;
}

/**
 * Scaled dot-product attention (Vaswani et al. 2017): softmax(q kᵀ / √d) v, with `q […, queries, d]`, `k […, keys, d]`
 * and `v […, keys, width]`.
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Attended {
  return attended(q, k, v, options, null);
}

/** Attention, with dropout on the weights unless that is null. */
function attended(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions, dropout: Dropout | null): Attended {
  const who = "scaledDotProductAttention";
  const restrictions = restrictionsOf(who, { shape: scoresShape(who, q, k, v), device: q.device }, options);
  // The queries are fewer numbers than the scores.
  const weigh = () => restricted(matmul(div(q, Math.sqrt(q.shape.at(-1)!)), transpose(k)), restrictions);
  if (dropout !== null || q.device.attend === undefined || hasRules(within)) {
    const weights = weigh();
    const kept = dropout === null ? weights : dropout.forward(weights);
    return { output: matmul(kept, v) as Tensor<"float32">, weights };
  }
  const { bias, masks, causal } = restrictions;
  const [first, ...others] = masks;
  const allowed = first === undefined ? 1 : others.reduce<Tensor>((all, mask) => and(all, mask), first);
  const output = attention(q, k, v, bias ?? 0, allowed, { causal }) as Tensor<"float32">;
  return later(output, weigh, [q, k, restrictions]);
}

/** Operations of which attention is composed, whose derivatives one may have replaced. */
const within = ["div", "matmul", "transpose", "add", "where", "softmax"];

/** Weights that are computed of what is `given` when one asks for them: most often nobody does, and they are many. */
function later(output: Tensor<"float32">, weigh: () => Tensor<"float32">, given: unknown): Attended {
  const attended = {
    output,
    get weights() {
      return weigh();
    },
    [computed]: true,
    [held]: () => [output, given],
  };
  return attended;
}

function scoresShape(who: string, q: Tensor, k: Tensor, v: Tensor): Shape {
  for (const x of [q, k, v])
    if (x.rank < 2)
      throw new ShapeError(who, `${showShape(x.shape)}, expected […, steps, width] of queries, keys and values.`);
  if (q.shape.at(-1) !== k.shape.at(-1))
    throw new ShapeError(who, `queries ${showShape(q.shape)} and keys ${showShape(k.shape)} differ in width.`);
  if (k.shape.at(-2) !== v.shape.at(-2))
    throw new ShapeError(who, `${k.shape.at(-2)} keys and ${v.shape.at(-2)} values, expected as many.`);
  const turned = [...k.shape.slice(0, -2), k.shape.at(-1)!, k.shape.at(-2)!];
  const shape = matmul.operation.shape([q.shape, turned], undefined);
  if ("because" in shape)
    throw new ShapeError(who, `queries ${showShape(q.shape)} and keys ${showShape(k.shape)}: ${shape.because}`, [
      q.shape,
      k.shape,
    ]);
  return shape;
}

export interface MultiheadAttentionOptions {
  readonly bias?: boolean;
  /** Rate of dropout on the weights, while training. */
  readonly dropout?: number;
  /** Turns queries and keys by their positions, each head on its own (RoFormer); for attention among the same steps. */
  readonly rotary?: boolean | RotaryOptions;
}

/**
 * Attention in several heads (Vaswani et al. 2017): `[batch, queries, width]` attends to keys and values
 * `[batch, keys, width]`. Parameters under PyTorch's names: `in_proj_weight [3 · width, width]` for queries, keys and
 * values, `in_proj_bias`, `out_proj.weight`, `out_proj.bias`.
 */
export class MultiheadAttention extends Module {
  readonly in_proj_weight: Tensor<"float32">;
  readonly in_proj_bias: Tensor<"float32"> | null;
  readonly out_proj: Linear;
  readonly width: number;
  readonly heads: number;
  /** Rate of dropout on the weights. */
  readonly dropout: number;
  /** How queries and keys are turned by their positions; null where they are not. */
  readonly rotary: RotaryOptions | null;
  readonly #dropout: Dropout | null;

  constructor(
    width: number,
    heads: number,
    { bias = true, dropout = 0, rotary = false }: MultiheadAttentionOptions = {},
  ) {
    super();
    checkCount("MultiheadAttention", "width", width);
    checkCount("MultiheadAttention", "heads", heads);
    if (width % heads !== 0)
      throw new ArgumentError("MultiheadAttention", `width ${width} is no multiple of ${heads}, the number of heads.`);
    this.width = width;
    this.heads = heads;
    this.in_proj_weight = parameter([3 * width, width], glorotUniform(width, 3 * width));
    this.in_proj_bias = bias ? parameter([3 * width], zerosInit) : null;
    this.out_proj = new Linear(width, width, { bias, biasInitialiser: zerosInit });
    this.dropout = dropout;
    this.#dropout = dropout === 0 ? null : new Dropout(dropout);
    this.rotary = rotary === true ? {} : rotary === false ? null : rotary;
    if (this.rotary !== null && (width / heads) % 2 !== 0)
      throw new ArgumentError(
        "MultiheadAttention",
        `each of ${heads} heads has ${width / heads} elements, expected an even number to turn in pairs.`,
      );
  }

  /** The weights are `[batch, heads, queries, keys]`. Masks broadcast to that. */
  forward(query: Tensor, key: Tensor = query, value: Tensor = key, options: AttentionOptions = {}): Attended {
    for (const x of [query, key, value])
      if (x.rank !== 3 || x.shape[2] !== this.width)
        throw new ShapeError(this.where, `${showShape(x.shape)}, expected [batch, steps, ${this.width}].`, [x.shape]);
    const [q, k, v] = [query, key, value].map((x, i) => this.#split(this.#project(x, i))) as [Tensor, Tensor, Tensor];
    const turned = [q, k].map((x) => (this.rotary === null ? x : rotaryPositions(x, this.rotary)));
    const heads = attended(turned[0]!, turned[1]!, v, options, this.training ? this.#dropout : null);
    const joined = reshape(transpose(heads.output, [0, 2, 1, 3]), [...query.shape]);
    const output = this.out_proj.forward(joined);
    return computed in heads ? later(output, () => heads.weights, heads) : { output, weights: heads.weights };
  }

  #project(x: Tensor, part: number): Tensor {
    const rows = { axis: 0, start: part * this.width, stop: (part + 1) * this.width };
    const product = matmul(x, transpose(slice(this.in_proj_weight, rows)));
    return this.in_proj_bias === null ? product : add(product, slice(this.in_proj_bias, rows));
  }

  /** `[batch, steps, width] → [batch, heads, steps, width / heads]`. */
  #split(x: Tensor): Tensor {
    const [batch, steps] = x.shape as [number, number, number];
    return transpose(reshape(x, [batch, steps, this.heads, this.width / this.heads]), [0, 2, 1, 3]);
  }

  override describe(): string {
    return `MultiheadAttention(${this.width}, ${this.heads} heads)`;
  }
}
