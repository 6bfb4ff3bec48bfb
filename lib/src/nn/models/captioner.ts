import { sigmoid, tanh } from "../../operations/activation.ts";
import { add, mul, square, sub } from "../../operations/arithmetic.ts";
import { slice } from "../../operations/indexing.ts";
import { concat, stack } from "../../operations/joining.ts";
import { expandDims, reshape, squeeze, transpose } from "../../operations/rearrange.ts";
import { mean, sum } from "../../operations/reduction.ts";
import { ShapeError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Dropout } from "../dropout.ts";
import { Embedding } from "../embedding.ts";
import { Linear } from "../linear.ts";
import { LSTM } from "../lstm.ts";
import { checkCount, Module } from "../module.ts";
import { AdditiveAttention } from "../scored-attention.ts";

export interface CaptionerOptions {
  readonly words: number;
  /** Width of the annotations: the maps of the convolutional net that saw the image. */
  readonly width: number;
  readonly hidden: number;
  /** Width of the word vectors; `hidden`, if not said. */
  readonly embedding?: number;
  /** Before the output, while training. */
  readonly dropout?: number;
}

/** All that the captioner knows, by image: the batch is the first axis of every tensor. */
export interface CaptionerState {
  /** `[batch, places, width]`, and as attention has prepared them. */
  readonly annotations: Tensor;
  readonly prepared: Tensor;
  /** `[batch, hidden]`. */
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

/**
 * Show, attend and tell, with soft attention (Xu et al., ICML 2015): a long short-term memory writes about an image and
 * looks at a part of it for every word. It sees maps `[batch, width, h, w]` of a convolutional net, at h · w places.
 *
 * @example
 * ```ts
 * import { nn, random, tensor } from "gradbook";
 *
 * const model = nn.init(new nn.models.Captioner({ words: 12, width: 8, hidden: 16 }), { seed: 1 });
 * const maps = random.seed(2).normal([2, 8, 3, 3]);
 * const caption = tensor([[1, 4, 5], [1, 6, 7]], { dtype: "int32" });
 * const { logits, weights } = model.forward(maps, caption);
 * console.log(logits.shape, weights.shape); // [ 2, 3, 12 ] [ 2, 3, 9 ]
 * ```
 */
export class Captioner extends Module {
  readonly embedding: Embedding;
  readonly attention: AdditiveAttention;
  readonly firstHidden: Linear;
  readonly firstCell: Linear;
  /** How much of what is seen goes into the next step (β, section 4.2.1). */
  readonly gate: Linear;
  readonly reader: LSTM;
  /** L_h, L_z and L_o of equation 7. */
  readonly fromHidden: Linear;
  readonly fromContext: Linear;
  readonly output: Linear;
  readonly #dropout: Dropout;

  constructor({ words, width, hidden, embedding = hidden, dropout = 0 }: CaptionerOptions) {
    super();
    checkCount("Captioner", "words", words);
    this.embedding = new Embedding(words, embedding);
    this.attention = new AdditiveAttention(hidden, width);
    this.firstHidden = new Linear(width, hidden);
    this.firstCell = new Linear(width, hidden);
    this.gate = new Linear(hidden, 1);
    this.reader = new LSTM(embedding + width, hidden);
    this.fromHidden = new Linear(hidden, embedding, { bias: false });
    this.fromContext = new Linear(width, embedding, { bias: false });
    this.output = new Linear(embedding, words);
    this.#dropout = new Dropout(dropout);
  }

  /** Before the first word: it begins with the mean of what there is to see. */
  start(maps: Tensor): CaptionerState {
    const width = this.attention.keyWidth;
    if (maps.rank !== 4 || maps.shape[1] !== width)
      throw new ShapeError(this.where, `the maps are ${showShape(maps.shape)}, expected [batch, ${width}, h, w].`, [
        maps.shape,
      ]);
    const annotations = transpose(reshape(maps, [maps.shape[0]!, width, -1]));
    const seen = mean(annotations, { axis: 1 });
    return {
      annotations,
      prepared: this.attention.prepare(annotations),
      hidden: tanh(this.firstHidden.forward(seen)),
      cell: tanh(this.firstCell.forward(seen)),
    };
  }

  /** One word further, int32 `[batch]`: logits `[batch, words]`, and where it looked, `[batch, places]`. */
  step(
    state: CaptionerState,
    words: Tensor,
  ): { readonly logits: Tensor<"float32">; readonly state: CaptionerState; readonly weights: Tensor<"float32"> } {
    const { annotations, prepared, hidden, cell } = state;
    const seen = this.attention.attend(expandDims(hidden, 1), prepared, { values: annotations });
    const context = mul(squeeze(seen.output, 1), sigmoid(this.gate.forward(hidden)));
    const word = this.embedding.forward(words);
    const reading = this.reader.forward(expandDims(concat([word, context], -1), 1), {
      hidden: expandDims(hidden, 0),
      cell: expandDims(cell, 0),
    });
    const after = squeeze(reading.hidden, 0);
    const deep = add(word, add(this.fromHidden.forward(after), this.fromContext.forward(context)));
    return {
      logits: this.output.forward(this.#dropout.forward(deep)),
      state: { annotations, prepared, hidden: after, cell: squeeze(reading.cell, 0) },
      weights: squeeze(seen.weights, 1) as Tensor<"float32">,
    };
  }

  /** The logits `[batch, time, words]` of the word after each of a caption, int32 `[batch, time]`, and where it looked. */
  forward(maps: Tensor, caption: Tensor): { readonly logits: Tensor<"float32">; readonly weights: Tensor<"float32"> } {
    if (caption.rank !== 2 || caption.shape[1] === 0 || caption.shape[0] !== maps.shape[0])
      throw new ShapeError(
        this.where,
        `the captions are ${showShape(caption.shape)}, expected [${maps.shape[0]}, time], one for each image.`,
        [caption.shape],
      );
    let state = this.start(maps);
    const steps = Array.from({ length: caption.shape[1]! }, (_, t) => {
      const step = this.step(state, squeeze(slice(caption, { axis: 1, start: t, stop: t + 1 }), 1));
      state = step.state;
      return step;
    });
    const all = (name: "logits" | "weights") =>
      stack(
        steps.map((step) => step[name]),
        1,
      ) as Tensor<"float32">;
    return { logits: all("logits"), weights: all("weights") };
  }
}

/**
 * What a captioner pays for places that it looks at too little or too much over a caption: the mean over the batch of
 * Σ (1 − Σ α)², the sums over places and over words of `weights [batch, time, places]` (equation 14, "doubly stochastic").
 */
export function attentionPenalty(weights: Tensor): Tensor<"float32"> {
  if (weights.rank !== 3)
    throw new ShapeError(
      "attentionPenalty",
      `the weights are ${showShape(weights.shape)}, expected [batch, time, places].`,
      [weights.shape],
    );
  return mean(sum(square(sub(1, sum(weights, { axis: 1 }))), { axis: -1 })) as Tensor<"float32">;
}
