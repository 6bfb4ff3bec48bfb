import { gelu } from "../../operations/activation.ts";
import { matmul } from "../../operations/contraction.ts";
import { slice } from "../../operations/indexing.ts";
import { concat } from "../../operations/joining.ts";
import { expandDims, squeeze, transpose } from "../../operations/rearrange.ts";
import { zeros } from "../../tensor/create.ts";
import { ShapeError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Dropout } from "../dropout.ts";
import { Embedding } from "../embedding.ts";
import { checkCount, Module } from "../module.ts";
import { LearnedPositions } from "../positions/learned.ts";
import { TransformerEncoder } from "../transformer.ts";

export interface TransformerLanguageModelOptions {
  readonly words: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  /** The most tokens that it looks back on, the last included. */
  readonly context: number;
  /** Units between the two linear layers of a block; 4 · width if not said. */
  readonly feedForward?: number;
  /** 0.1 if not said, while training. */
  readonly dropout?: number;
}

/**
 * A small transformer that predicts the next token (in the form of GPT-2, Radford et al. 2019): learned positions,
 * normalisation before each part and at the end, and the embeddings as the output's weights, too.
 *
 * @example
 * ```ts
 * import { nn, tensor } from "gradbook";
 *
 * const options = { words: 30, width: 16, heads: 2, layers: 2, context: 8 };
 * const model = nn.init(new nn.models.TransformerLanguageModel(options), { seed: 1 });
 * const state = model.read(tensor([[5, 6]], { dtype: "int32" })); // what stands before
 * const [written] = await nn.greedySearch((state, tokens) => model.step(state, tokens), { state, first: [7], steps: 4 });
 * console.log(written.tokens.length); // 4
 * ```
 */
export class TransformerLanguageModel extends Module {
  readonly embedding: Embedding;
  readonly positions: LearnedPositions;
  readonly blocks: TransformerEncoder;
  readonly context: number;
  readonly #dropout: Dropout;

  constructor(options: TransformerLanguageModelOptions) {
    super();
    const { words, width, heads, layers, context, feedForward = 4 * width, dropout = 0.1 } = options;
    checkCount("TransformerLanguageModel", "context", context);
    this.embedding = new Embedding(words, width, { initialiser: (shape, key) => key.normal(shape, { std: 0.02 }) });
    this.positions = new LearnedPositions(context, width);
    this.blocks = new TransformerEncoder(width, heads, {
      ...{ layers, feedForward, dropout, activation: gelu },
      normFirst: true,
    });
    this.context = context;
    this.#dropout = new Dropout(dropout);
  }

  /** From tokens, int32 `[batch, time]`, the logits of the one after each, `[batch, time, words]`. */
  forward(tokens: Tensor): Tensor<"float32"> {
    const time = tokens.shape[1] ?? 0;
    if (tokens.rank !== 2 || time === 0 || time > this.context)
      throw new ShapeError(
        this.where,
        `the tokens are ${showShape(tokens.shape)}, expected [batch, 1 … ${this.context}].`,
        [tokens.shape],
      );
    const vectors = this.#dropout.forward(this.positions.forward(this.embedding.forward(tokens)));
    return matmul(
      this.blocks.forward(vectors, { causal: true }),
      transpose(this.embedding.weight),
    ) as Tensor<"float32">;
  }

  /** The state for decoding after tokens, int32 `[batch, time]`: as many of the last as count. `start` is that before any. */
  read(tokens: Tensor): { readonly tokens: Tensor } {
    const from = Math.max(0, tokens.shape[1]! - (this.context - 1));
    return { tokens: slice(tokens, { axis: 1, start: from }) };
  }

  start(batch: number): { readonly tokens: Tensor } {
    return { tokens: zeros([batch, 0], { dtype: "int32", device: this.embedding.weight.device }) };
  }

  /** One token further, int32 `[batch]`: the logits of the next, `[batch, words]`. */
  step(
    state: { readonly tokens: Tensor },
    tokens: Tensor,
  ): { readonly logits: Tensor; readonly state: { readonly tokens: Tensor } } {
    const all = concat([state.tokens, expandDims(tokens, 1)], 1);
    const logits = squeeze(slice(this.forward(all), { axis: 1, start: -1 }), 1);
    return { logits, state: this.read(all) };
  }
}
