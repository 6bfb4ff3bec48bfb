import { tanh } from "../../operations/activation.ts";
import { add } from "../../operations/arithmetic.ts";
import { reshape } from "../../operations/rearrange.ts";
import { ShapeError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Embedding } from "../embedding.ts";
import { Linear } from "../linear.ts";
import { checkCount, Module } from "../module.ts";

export interface NPLMOptions {
  readonly words: number;
  /** How many words before are read: n − 1 of an n-gram. */
  readonly context: number;
  /** Of the word vectors. */
  readonly width: number;
  readonly hidden: number;
  /** A linear map past the hidden units (W of the paper); true if not said. */
  readonly direct?: boolean;
}

/**
 * Neural probabilistic language model (Bengio, Ducharme, Vincent and Jauvin, JMLR 2003): from the words before, int32
 * `[batch, context]`, the logits of the next, `[batch, words]`: b + W x + U tanh(d + H x), x being the vectors of the
 * words side by side. With direct connections it has words · (1 + context · width + hidden + width) +
 * hidden · (1 + context · width) parameters.
 */
export class NPLM extends Module {
  /** C of the paper. */
  readonly embedding: Embedding;
  /** H and d. */
  readonly hidden: Linear;
  /** U and b. */
  readonly output: Linear;
  /** W. */
  readonly direct: Linear | null;
  readonly context: number;

  constructor({ words, context, width, hidden, direct = true }: NPLMOptions) {
    super();
    checkCount("NPLM", "context", context);
    this.embedding = new Embedding(words, width);
    this.hidden = new Linear(context * width, hidden);
    this.output = new Linear(hidden, words);
    this.direct = direct ? new Linear(context * width, words, { bias: false }) : null;
    this.context = context;
  }

  forward(before: Tensor): Tensor<"float32"> {
    if (before.rank !== 2 || before.shape[1] !== this.context)
      throw new ShapeError(this.where, `the words are ${showShape(before.shape)}, expected [batch, ${this.context}].`, [
        before.shape,
      ]);
    const x = reshape(this.embedding.forward(before), [before.shape[0]!, -1]);
    const y = this.output.forward(tanh(this.hidden.forward(x)));
    return this.direct === null ? y : (add(y, this.direct.forward(x)) as Tensor<"float32">);
  }
}
