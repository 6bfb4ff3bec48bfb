import { tanh } from "../operations/activation.ts";
import { add, div, mul } from "../operations/arithmetic.ts";
import { matmul } from "../operations/contraction.ts";
import { slice } from "../operations/indexing.ts";
import { expandDims, transpose } from "../operations/rearrange.ts";
import { sum } from "../operations/reduction.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Attended } from "./attention.ts";
import { type AttentionOptions, weightsOf } from "./attention-mask.ts";
import { fanInUniform } from "./initialisers.ts";
import { Linear } from "./linear.ts";
import { checkCount, Module, parameter } from "./module.ts";

/**
 * Attention of queries `[…, queries, width]` to keys `[…, keys, width]` by a score of its own: the weights are the
 * softmax of the scores over the keys, the output is the mean of the values (the keys themselves, if not said) under
 * them.
 */
export abstract class ScoredAttention extends Module {
  readonly queryWidth: number;
  readonly keyWidth: number;

  constructor(queryWidth: number, keyWidth: number) {
    super();
    checkCount(this.constructor.name, "queryWidth", queryWidth);
    checkCount(this.constructor.name, "keyWidth", keyWidth);
    this.queryWidth = queryWidth;
    this.keyWidth = keyWidth;
  }

  /** The part of the score that is the same for all queries. A decoder that attends at every step computes it once. */
  prepare(keys: Tensor): Tensor {
    this.#requireWidth("keys", keys, this.keyWidth);
    return this.prepared(keys);
  }

  protected abstract prepared(keys: Tensor): Tensor;

  /** `[…, queries, keys]`. */
  protected abstract scores(query: Tensor, prepared: Tensor): Tensor;

  /** Attends to keys that went through `prepare`, of which `values [.., keys, any]` are the contents. */
  attend(query: Tensor, prepared: Tensor, { values, ...options }: AttentionOptions & { values: Tensor }): Attended {
    this.#requireWidth("queries", query, this.queryWidth);
    if (prepared.shape.at(-2) !== values.shape.at(-2))
      throw new ShapeError(
        this.where,
        `${prepared.shape.at(-2) ?? 0} keys and ${values.shape.at(-2) ?? 0} values, expected as many.`,
        [prepared.shape, values.shape],
      );
    const weights = weightsOf(this.where, this.scores(query, prepared), options);
    return { output: matmul(weights, values) as Tensor<"float32">, weights };
  }

  /** Attends to `keys`, by whose weights it averages the values: the keys themselves, if not said. */
  forward(query: Tensor, keys: Tensor, options: AttentionOptions & { readonly values?: Tensor } = {}): Attended {
    return this.attend(query, this.prepare(keys), { values: keys, ...options });
  }

  #requireWidth(what: string, x: Tensor, width: number): void {
    if (x.rank >= 2 && x.shape.at(-1) === width) return;
    const hint = what === "queries" && x.rank === 2 ? " One query for each sequence: query.expandDims(1)." : "";
    throw new ShapeError(
      this.where,
      `the ${what} are ${showShape(x.shape)}, expected […, ${what}, ${width}].${x.shape.at(-1) === width ? hint : ""}`,
      [x.shape],
    );
  }

  override describe(): string {
    return `${this.constructor.name}(${this.queryWidth}, ${this.keyWidth})`;
  }
}

/**
 * Additive attention (Bahdanau, Cho and Bengio, ICLR 2015): the score of query q and key k is vᵀ tanh(W q + U k), through
 * `hidden` units. Parameters: `query.weight` (W), `key.weight` (U), `v`.
 *
 * @example
 * ```ts
 * import { nn, random } from "gradbook";
 *
 * const attention = nn.init(new nn.AdditiveAttention(4, 6, { hidden: 8 }), { seed: 1 });
 * const keys = random.seed(2).normal([2, 5, 6]);
 * const query = random.seed(3).normal([2, 1, 4]);
 * const { output, weights } = attention.forward(query, keys, { lengths: [5, 3] });
 * console.log(output.shape, weights.shape); // [ 2, 1, 6 ] [ 2, 1, 5 ]
 * ```
 */
export class AdditiveAttention extends ScoredAttention {
  readonly query: Linear;
  readonly key: Linear;
  readonly v: Tensor<"float32">;

  /** @param options `hidden` units; the width of the queries, if not said. */
  constructor(queryWidth: number, keyWidth: number, { hidden = queryWidth }: { readonly hidden?: number } = {}) {
    super(queryWidth, keyWidth);
    checkCount("AdditiveAttention", "hidden", hidden);
    this.query = new Linear(queryWidth, hidden, { bias: false });
    this.key = new Linear(keyWidth, hidden, { bias: false });
    this.v = parameter([hidden], fanInUniform(hidden));
  }

  protected override prepared(keys: Tensor): Tensor {
    return this.key.forward(keys);
  }

  protected override scores(query: Tensor, prepared: Tensor): Tensor {
    return tanhScores(this.query.forward(query), prepared, this.v);
  }
}

/** vᵀ tanh(a + b) for all pairs of `a […, queries, hidden]` and `b […, keys, hidden]`. */
function tanhScores(a: Tensor, b: Tensor, v: Tensor): Tensor {
  return sum(mul(tanh(add(expandDims(a, -2), expandDims(b, -3))), v), { axis: -1 });
}

export interface MultiplicativeAttentionOptions {
  /**
   * `"general"` (if not said): qᵀ W k. `"dot"`: qᵀ k. `"concat"`: vᵀ tanh(W [q; k]), which is additive but goes by this
   * name in the paper.
   */
  readonly score?: "dot" | "general" | "concat";
  /** Units of `"concat"`; the width of the queries, if not said. */
  readonly hidden?: number;
}

/**
 * Global attention by the scores of Luong, Pham and Manning (EMNLP 2015). Parameters: for `"general"` `weight
 * [queryWidth, keyWidth]`; for `"concat"` `weight [hidden, queryWidth + keyWidth]` and `v [hidden]`; none for `"dot"`.
 */
export class MultiplicativeAttention extends ScoredAttention {
  readonly weight: Tensor<"float32"> | null;
  readonly v: Tensor<"float32"> | null;
  readonly score: "dot" | "general" | "concat";

  constructor(queryWidth: number, keyWidth: number, options: MultiplicativeAttentionOptions = {}) {
    super(queryWidth, keyWidth);
    const { score = "general", hidden = queryWidth } = options;
    checkCount("MultiplicativeAttention", "hidden", hidden);
    if (score !== "dot" && score !== "general" && score !== "concat")
      throw new ArgumentError(
        "MultiplicativeAttention",
        `score is ${String(score)}, expected "dot", "general" or "concat".`,
      );
    if (score === "dot") requireEqualWidths("MultiplicativeAttention", queryWidth, keyWidth);
    this.score = score;
    const width = queryWidth + keyWidth;
    if (score === "general") this.weight = parameter([queryWidth, keyWidth], fanInUniform(keyWidth));
    else this.weight = score === "concat" ? parameter([hidden, width], fanInUniform(width)) : null;
    this.v = score === "concat" ? parameter([hidden], fanInUniform(hidden)) : null;
  }

  protected override prepared(keys: Tensor): Tensor {
    if (this.weight === null) return keys;
    const part = this.score === "general" ? this.weight : slice(this.weight, { axis: 1, start: this.queryWidth });
    return matmul(keys, transpose(part));
  }

  protected override scores(query: Tensor, prepared: Tensor): Tensor {
    if (this.v === null) return matmul(query, transpose(prepared));
    const part = slice(this.weight!, { axis: 1, stop: this.queryWidth });
    return tanhScores(matmul(query, transpose(part)), prepared, this.v);
  }
}

/** Attention by the product qᵀ k of query and key, over √width if `scaled` (as Vaswani et al. 2017); it has no parameters. */
export class DotProductAttention extends ScoredAttention {
  readonly scaled: boolean;

  constructor(width: number, { scaled = true }: { readonly scaled?: boolean } = {}) {
    super(width, width);
    this.scaled = scaled;
  }

  protected override prepared(keys: Tensor): Tensor {
    return keys;
  }

  protected override scores(query: Tensor, prepared: Tensor): Tensor {
    const products = matmul(query, transpose(prepared));
    return this.scaled ? div(products, Math.sqrt(this.queryWidth)) : products;
  }
}

function requireEqualWidths(who: string, queryWidth: number, keyWidth: number): void {
  if (queryWidth !== keyWidth)
    throw new ArgumentError(
      who,
      `queries of width ${queryWidth} and keys of width ${keyWidth}, expected the same for a product. Use score: "general".`,
    );
}
