import { matmul } from "../../operations/contraction.ts";
import { expandDims, squeeze, transpose } from "../../operations/rearrange.ts";
import { mean } from "../../operations/reduction.ts";
import { ShapeError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Embedding } from "../embedding.ts";
import { type Initialiser, uniformInit, zerosInit } from "../initialisers.ts";
import { Module } from "../module.ts";

export interface WordVectorOptions {
  readonly words: number;
  readonly width: number;
}

/** Two vectors for each word: `input` for what is given, `output` for what is asked about. They start as those of word2vec. */
abstract class WordVectors extends Module {
  readonly input: Embedding;
  readonly output: Embedding;

  constructor({ words, width }: WordVectorOptions) {
    super();
    const small: Initialiser = uniformInit(0.5 / width);
    this.input = new Embedding(words, width, { initialiser: small });
    this.output = new Embedding(words, width, { initialiser: zerosInit });
  }

  /** The products of a vector `[batch, width]` with those of words, int32 `[batch, candidates]`. */
  protected scores(vectors: Tensor, candidates: Tensor): Tensor<"float32"> {
    if (candidates.rank !== 2 || candidates.shape[0] !== vectors.shape[0])
      throw new ShapeError(
        this.where,
        `the candidates are ${showShape(candidates.shape)}, expected [${vectors.shape[0]}, candidates].`,
        [candidates.shape],
      );
    return squeeze(matmul(this.output.forward(candidates), expandDims(vectors, -1)), -1) as Tensor<"float32">;
  }

  /** The products with those of all words, `[batch, words]`: the logits of a softmax. */
  protected allScores(vectors: Tensor): Tensor<"float32"> {
    return matmul(vectors, transpose(this.output.weight)) as Tensor<"float32">;
  }
}

/**
 * Skip-gram (Mikolov, Chen, Corrado and Dean 2013): from a word, those around it. `forward(word, candidates)` gives the
 * scores `[batch, candidates]` of words that may be near: logits of a true-or-false question, as negative sampling asks
 * (Mikolov et al., NIPS 2013); without candidates the logits of all words.
 *
 * @example
 * ```ts
 * import { losses, nn, tensor } from "gradbook";
 *
 * const model = nn.init(new nn.models.SkipGram({ words: 100, width: 16 }), { seed: 1 });
 * const word = tensor([4, 7], { dtype: "int32" });
 * // The first candidate was near the word, the others are drawn at random.
 * const candidates = tensor([[5, 80, 21], [6, 33, 90]], { dtype: "int32" });
 * const loss = losses.binaryCrossEntropy(model.forward(word, candidates), tensor([[1, 0, 0], [1, 0, 0]]));
 * console.log(await loss.item()); // 0.6931471824645996
 * ```
 */
export class SkipGram extends WordVectors {
  forward(word: Tensor, candidates?: Tensor): Tensor<"float32"> {
    if (word.rank !== 1)
      throw new ShapeError(this.where, `the words are ${showShape(word.shape)}, expected [batch].`, [word.shape]);
    const vectors = this.input.forward(word);
    return candidates === undefined ? this.allScores(vectors) : this.scores(vectors, candidates);
  }
}

/** Continuous bag of words (Mikolov et al. 2013): from the mean of the vectors of the words around, int32 `[batch, window]`, the one between. */
export class CBOW extends WordVectors {
  forward(around: Tensor, candidates?: Tensor): Tensor<"float32"> {
    if (around.rank !== 2)
      throw new ShapeError(this.where, `the words around are ${showShape(around.shape)}, expected [batch, window].`, [
        around.shape,
      ]);
    const vectors = mean(this.input.forward(around), { axis: 1 });
    return candidates === undefined ? this.allScores(vectors) : this.scores(vectors, candidates);
  }
}
