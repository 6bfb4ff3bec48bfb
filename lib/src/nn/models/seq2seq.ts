import { tanh } from "../../operations/activation.ts";
import { slice } from "../../operations/indexing.ts";
import { concat, stack } from "../../operations/joining.ts";
import { expandDims, reshape, squeeze, transpose } from "../../operations/rearrange.ts";
import { argmax } from "../../operations/reduction.ts";
import { where } from "../../operations/selection.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { insideOf } from "../attention-mask.ts";
import { nextKey } from "../context.ts";
import { Dropout } from "../dropout.ts";
import { Embedding } from "../embedding.ts";
import { GRU } from "../gru.ts";
import { Linear } from "../linear.ts";
import { LSTM, type LSTMReading } from "../lstm.ts";
import { checkCount, Module } from "../module.ts";
import type { HiddenReading } from "../rnn.ts";
import { AdditiveAttention, MultiplicativeAttention, type ScoredAttention } from "../scored-attention.ts";

export interface Seq2SeqOptions {
  /** How many words the source and the target have, special ones included. */
  readonly sourceWords: number;
  readonly targetWords: number;
  /** Units of the decoder, and of each direction of the encoder. */
  readonly hidden: number;
  /** Width of the word vectors; `hidden`, if not said. */
  readonly embedding?: number;
  /** 1 if not said. */
  readonly layers?: number;
  /** `"GRU"` if not said. */
  readonly unit?: "GRU" | "LSTM";
  /** How the decoder looks at the source; `"additive"` if not said, `false` for a decoder that sees its last state only. */
  readonly attention?: "additive" | "general" | "concat" | false;
  /** On word vectors and before the output, while training. */
  readonly dropout?: number;
}

/** All that the decoder knows, by sequence: the batch is the first axis of every tensor. */
export interface Seq2SeqState {
  /** `[batch, layers, hidden]`: the state of the decoder, with the cells beside it for an LSTM. */
  readonly decoder: readonly Tensor[];
  /** Of a decoder that attends: what it may look at. */
  readonly source: readonly Tensor[];
}

export interface Seq2SeqStep {
  /** Of the next word, `[batch, words]`. */
  readonly logits: Tensor<"float32">;
  readonly state: Seq2SeqState;
  /** Where in the source the decoder looked, `[batch, source]`; undefined without attention. */
  readonly weights: Tensor<"float32"> | undefined;
}

/**
 * An encoder that reads the source in both directions and a decoder that writes the target word by word, attending to
 * the source (Bahdanau, Cho and Bengio, ICLR 2015; without attention: Cho et al., EMNLP 2014, Sutskever, Vinyals and Le,
 * NIPS 2014). The decoder's input is the word before beside what it attended to; its state starts as
 * tanh of an affine map of the encoder's last states. `encode` and `step` are what decoding needs.
 *
 * @example
 * ```ts
 * import { nn, tensor } from "gradbook";
 *
 * const model = nn.init(new nn.models.Seq2Seq({ sourceWords: 12, targetWords: 10, hidden: 16 }), { seed: 1 });
 * const source = tensor([[3, 4, 5], [6, 7, 0]], { dtype: "int32" });
 * const target = tensor([[1, 4, 3, 2], [1, 7, 6, 2]], { dtype: "int32" });
 * const { logits, weights } = model.forward(source, target, { lengths: [3, 2] });
 * console.log(logits.shape, weights?.shape); // [ 2, 4, 10 ] [ 2, 4, 3 ]
 * ```
 */
export class Seq2Seq extends Module {
  readonly sourceEmbedding: Embedding;
  readonly targetEmbedding: Embedding;
  readonly encoder: GRU | LSTM;
  readonly decoder: GRU | LSTM;
  /** From the encoder's last states to the decoder's first: one map for each part of the state. */
  readonly bridge: readonly Linear[];
  readonly attention: ScoredAttention | null;
  readonly output: Linear;
  readonly #dropout: Dropout;
  readonly #layers: number;
  readonly #hidden: number;

  constructor(options: Seq2SeqOptions) {
    super();
    const { sourceWords, targetWords, hidden, embedding = hidden, layers = 1, unit = "GRU", dropout = 0 } = options;
    for (const [what, value] of Object.entries({ sourceWords, targetWords, hidden, embedding, layers }))
      checkCount("Seq2Seq", what, value);
    if (unit !== "GRU" && unit !== "LSTM")
      throw new ArgumentError("Seq2Seq", `unit is ${String(unit)}, expected "GRU" or "LSTM".`);
    this.#layers = layers;
    this.#hidden = hidden;
    this.#dropout = new Dropout(dropout);
    const Unit = unit === "GRU" ? GRU : LSTM;
    this.sourceEmbedding = new Embedding(sourceWords, embedding);
    this.targetEmbedding = new Embedding(targetWords, embedding);
    this.encoder = new Unit(embedding, hidden, { layers, dropout, bidirectional: true });
    this.bridge = (unit === "GRU" ? ["hidden"] : ["hidden", "cell"]).map(() => new Linear(2 * hidden, hidden));
    this.attention = attentionOf(options.attention ?? "additive", hidden);
    const context = this.attention === null ? 0 : 2 * hidden;
    this.decoder = new Unit(embedding + context, hidden, { layers, dropout });
    this.output = new Linear(hidden + context + embedding, targetWords);
  }

  /** Reads the source, int32 `[batch, time]`: the state to begin with. `lengths` says where each sequence ends. */
  encode(source: Tensor, { lengths }: { readonly lengths?: ArrayLike<number> } = {}): Seq2SeqState {
    requireTokens(this.where, "source", source);
    const [batch, time] = source.shape as [number, number];
    const words: Tensor = this.#dropout.forward(this.sourceEmbedding.forward(source));
    const reading = this.encoder.forward(words, lengths === undefined ? {} : { lengths });
    const decoder = partsOf(reading).map((part, i) => {
      const both = reshape(part, [this.#layers, 2, batch, this.#hidden]);
      const beside = reshape(transpose(both, [2, 0, 1, 3]), [batch, this.#layers, 2 * this.#hidden]);
      return tanh(this.bridge[i]!.forward(beside));
    });
    if (this.attention === null) return { decoder, source: [] };
    const all = new Array<number>(batch).fill(time);
    const inside = insideOf(lengths === undefined ? all : Array.from(lengths), time, [batch, 1, time], source.device);
    return { decoder, source: [reading.output, this.attention.prepare(reading.output), inside] };
  }

  /** One word further: from the words before, int32 `[batch]`, the logits of the next. */
  step(state: Seq2SeqState, words: Tensor): Seq2SeqStep {
    const vectors = this.#dropout.forward(this.targetEmbedding.forward(words));
    return this.#advance(state, vectors);
  }

  #advance(state: Seq2SeqState, word: Tensor): Seq2SeqStep {
    const [memory, prepared, inside] = state.source;
    const layered = state.decoder.map((part) => transpose(part, [1, 0, 2]));
    const top = slice(state.decoder[0]!, { axis: 1, start: -1 });
    const seen =
      memory === undefined ? undefined : this.attention!.attend(top, prepared!, { values: memory, mask: inside! });
    const context = seen === undefined ? [] : [squeeze(seen.output, 1)];
    const input = expandDims(concat([word, ...context], -1), 1);
    const reading = this.decoder.forward(input, {
      hidden: layered[0]!,
      ...(layered[1] !== undefined && { cell: layered[1] }),
    });
    const hidden = squeeze(reading.output, 1);
    const logits = this.output.forward(this.#dropout.forward(concat([hidden, ...context, word], -1)));
    return {
      logits,
      state: { decoder: partsOf(reading).map((part) => transpose(part, [1, 0, 2])), source: state.source },
      weights: seen === undefined ? undefined : (squeeze(seen.weights, 1) as Tensor<"float32">),
    };
  }

  /**
   * The logits `[batch, time, words]` of the word after each of `target`, int32 `[batch, time]`, whose first word is the
   * one that begins every sentence. In training a word that was written wrongly does not lead astray: the next is
   * predicted from the true one (teacher forcing), or with `forcing` below 1 only with that probability, and else from
   * the likeliest word (scheduled sampling, Bengio et al. 2015).
   */
  forward(
    source: Tensor,
    target: Tensor,
    { forcing = 1, ...options }: { readonly lengths?: ArrayLike<number>; readonly forcing?: number } = {},
  ): { readonly logits: Tensor<"float32">; readonly weights: Tensor<"float32"> | undefined } {
    requireTokens(this.where, "target", target);
    if (source.shape[0] !== target.shape[0])
      throw new ShapeError(
        this.where,
        `the source is ${showShape(source.shape)}, the target ${showShape(target.shape)}; expected as many sequences.`,
        [source.shape, target.shape],
      );
    if (!(forcing >= 0 && forcing <= 1))
      throw new ArgumentError(this.where, `forcing is ${forcing}, expected a probability.`);
    let state = this.encode(source, options);
    const truth = this.#dropout.forward(this.targetEmbedding.forward(target));
    const steps: Seq2SeqStep[] = [];
    for (let t = 0; t < target.shape[1]!; t++) {
      let word = squeeze(slice(truth, { axis: 1, start: t, stop: t + 1 }), 1);
      if (t > 0 && forcing < 1) {
        const own = this.#dropout.forward(this.targetEmbedding.forward(argmax(steps[t - 1]!.logits, -1)));
        word = where(nextKey(this.where).bernoulli([target.shape[0]!, 1], forcing), word, own);
      }
      const step = this.#advance(state, word);
      steps.push(step);
      state = step.state;
    }
    const logits = stack(
      steps.map((step) => step.logits),
      1,
    ) as Tensor<"float32">;
    if (this.attention === null) return { logits, weights: undefined };
    const weights = stack(
      steps.map((step) => step.weights!),
      1,
    ) as Tensor<"float32">;
    return { logits, weights };
  }
}

function partsOf(reading: HiddenReading | LSTMReading): readonly Tensor[] {
  return "cell" in reading ? [reading.hidden, (reading as LSTMReading).cell] : [reading.hidden];
}

function attentionOf(kind: Seq2SeqOptions["attention"], hidden: number): ScoredAttention | null {
  switch (kind) {
    case false:
      return null;
    case "additive":
      return new AdditiveAttention(hidden, 2 * hidden);
    case "general":
    case "concat":
      return new MultiplicativeAttention(hidden, 2 * hidden, { score: kind });
    default:
      throw new ArgumentError(
        "Seq2Seq",
        `attention is ${String(kind)}, expected "additive", "general", "concat" or false.`,
      );
  }
}

function requireTokens(who: string, what: string, tokens: Tensor): void {
  if (tokens.rank !== 2 || tokens.shape[1] === 0)
    throw new ShapeError(who, `the ${what} is ${showShape(tokens.shape)}, expected [batch, time] of int32 words.`, [
      tokens.shape,
    ]);
}
