import { expandDims, squeeze, transpose } from "../../operations/rearrange.ts";
import { zeros } from "../../tensor/create.ts";
import { ShapeError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Dropout } from "../dropout.ts";
import { Embedding } from "../embedding.ts";
import { Linear } from "../linear.ts";
import { LSTM } from "../lstm.ts";
import { checkCount, Module } from "../module.ts";

export interface LSTMLanguageModelOptions {
  /** Words or characters. */
  readonly words: number;
  readonly hidden: number;
  /** Width of their vectors; `hidden`, if not said. */
  readonly embedding?: number;
  readonly layers?: number;
  /** Of vectors, between layers and before the output, while training. */
  readonly dropout?: number;
}

/** After the last token: `[batch, layers, hidden]` each. */
export interface LSTMLanguageModelState {
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

/**
 * Long short-term memory that predicts the next character or word from all before (Graves 2013; Zaremba, Sutskever and
 * Vinyals 2014). `forward` reads sequences; `step` is what sampling and beam search need.
 *
 * @example
 * ```ts
 * import { nn, random, tensor } from "gradbook";
 *
 * const model = nn.init(new nn.models.LSTMLanguageModel({ words: 30, hidden: 16 }), { seed: 1 });
 * const { state } = model.forward(tensor([[5, 6, 7]], { dtype: "int32" })); // what to go on from
 * const [written] = await nn.sampleSequences((state, tokens) => model.step(state, tokens), {
 *   state, first: [8], steps: 20, key: random.seed(2), temperature: 0.8,
 * });
 * console.log(written.tokens.length); // 20
 * ```
 */
export class LSTMLanguageModel extends Module {
  readonly embedding: Embedding;
  readonly reader: LSTM;
  readonly output: Linear;
  readonly hidden: number;
  readonly layers: number;
  readonly #dropout: Dropout;

  constructor({ words, hidden, embedding = hidden, layers = 1, dropout = 0 }: LSTMLanguageModelOptions) {
    super();
    checkCount("LSTMLanguageModel", "words", words);
    this.#dropout = new Dropout(dropout);
    this.embedding = new Embedding(words, embedding);
    this.reader = new LSTM(embedding, hidden, { layers, dropout });
    this.output = new Linear(hidden, words);
    this.hidden = hidden;
    this.layers = layers;
  }

  /** The state before the first token. */
  start(batch: number): LSTMLanguageModelState {
    const { dtype, device } = this.output.weight;
    const none = zeros([batch, this.layers, this.hidden], { dtype, device });
    return { hidden: none, cell: none };
  }

  /** From tokens, int32 `[batch, time]`, the logits of the one after each, `[batch, time, words]`, and the state after the last. */
  forward(
    tokens: Tensor,
    { state }: { readonly state?: LSTMLanguageModelState } = {},
  ): { readonly logits: Tensor<"float32">; readonly state: LSTMLanguageModelState } {
    if (tokens.rank !== 2 || tokens.shape[1] === 0)
      throw new ShapeError(this.where, `the tokens are ${showShape(tokens.shape)}, expected [batch, time].`, [
        tokens.shape,
      ]);
    const { hidden, cell } = state ?? this.start(tokens.shape[0]!);
    const vectors = this.#dropout.forward(this.embedding.forward(tokens));
    const layersFirst = { hidden: transpose(hidden, [1, 0, 2]), cell: transpose(cell, [1, 0, 2]) };
    const reading = this.reader.forward(vectors, layersFirst);
    const after = { hidden: transpose(reading.hidden, [1, 0, 2]), cell: transpose(reading.cell, [1, 0, 2]) };
    return { logits: this.output.forward(this.#dropout.forward(reading.output)), state: after };
  }

  /** One token further, int32 `[batch]`: the logits of the next, `[batch, words]`. */
  step(
    state: LSTMLanguageModelState,
    tokens: Tensor,
  ): { readonly logits: Tensor; readonly state: LSTMLanguageModelState } {
    const after = this.forward(expandDims(tokens, 1), { state });
    return { logits: squeeze(after.logits, 1), state: after.state };
  }
}
