import { softmax } from "../../operations/activation.ts";
import { add, div, mul, sub } from "../../operations/arithmetic.ts";
import { notEqual } from "../../operations/comparison.ts";
import { matmul } from "../../operations/contraction.ts";
import { any } from "../../operations/counting.ts";
import { slice } from "../../operations/indexing.ts";
import { stack } from "../../operations/joining.ts";
import { expandDims, flip, squeeze, transpose } from "../../operations/rearrange.ts";
import { sum } from "../../operations/reduction.ts";
import { where } from "../../operations/selection.ts";
import { arange } from "../../tensor/create.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Embedding } from "../embedding.ts";
import type { Initialiser } from "../initialisers.ts";
import { Linear } from "../linear.ts";
import { checkCount, Module, parameter } from "../module.ts";

export interface MemoryNetworkOptions {
  /** How many words there are; word 0 is padding. The answer is one of them. */
  readonly words: number;
  readonly width: number;
  /** The most sentences of a story. */
  readonly memories: number;
  /** How often the memory is read; 3 if not said. */
  readonly hops?: number;
  /** How words make a sentence: by their places (`"position"`, if not said) or as a bag. */
  readonly encoding?: "position" | "bag";
  /** Whether sentences carry how long ago they were; true if not said. */
  readonly temporal?: boolean;
  /**
   * `"adjacent"` (if not said): what one hop reads out is what the next looks up, and the last gives the answer.
   * `"layerwise"`: all hops share theirs, with a linear map between them, as in a recurrent net.
   */
  readonly tying?: "adjacent" | "layerwise";
}

const normal: Initialiser = (shape, key) => key.normal(shape, { std: 0.1 });

/**
 * End-to-end memory network (Sukhbaatar, Szlam, Weston and Fergus, NIPS 2015; after Weston, Chopra and Bordes, ICLR
 * 2015): a question looks up the sentences of a story that fit it, adds what they say, and looks again, for as many hops.
 * Adjacent tying: hop k looks up by `embeddings.k` and reads `embeddings.k+1`; the first embeds the question, too, and
 * the last gives the answer.
 *
 * @example
 * ```ts
 * import { nn, tensor } from "gradbook";
 *
 * const net = nn.init(new nn.MemoryNetwork({ words: 20, width: 8, memories: 5, hops: 2 }), { seed: 1 });
 * const story = tensor([[[1, 2, 3], [4, 5, 0]]], { dtype: "int32" }); // [batch, sentences, words]
 * const question = tensor([[6, 1]], { dtype: "int32" });
 * const { logits, weights } = net.forward(story, question);
 * console.log(logits.shape, weights.shape); // [ 1, 20 ] [ 1, 2, 2 ]
 * ```
 */
export class MemoryNetwork extends Module {
  readonly embeddings: readonly Embedding[];
  /** By embedding, a vector for each age of a sentence: `[memories, width]`. */
  readonly ages: readonly Tensor<"float32">[];
  readonly between: Linear | null;
  /** Of layerwise tying: the question's embedding and the answer's map. */
  readonly question: Embedding | null;
  readonly answer: Linear | null;
  readonly hops: number;
  readonly memories: number;
  readonly #encoding: "position" | "bag";

  constructor(options: MemoryNetworkOptions) {
    super();
    const { words, width, memories, hops = 3, encoding = "position", temporal = true, tying = "adjacent" } = options;
    for (const [what, value] of Object.entries({ words, width, memories, hops }))
      checkCount("MemoryNetwork", what, value);
    if (encoding !== "position" && encoding !== "bag")
      throw new ArgumentError("MemoryNetwork", `encoding is ${String(encoding)}, expected "position" or "bag".`);
    if (tying !== "adjacent" && tying !== "layerwise")
      throw new ArgumentError("MemoryNetwork", `tying is ${String(tying)}, expected "adjacent" or "layerwise".`);
    const embedding = () => new Embedding(words, width, { paddingIndex: 0, initialiser: normal });
    const adjacent = tying === "adjacent";
    this.embeddings = Array.from({ length: adjacent ? hops + 1 : 2 }, embedding);
    this.ages = temporal ? this.embeddings.map(() => parameter([memories, width], normal)) : [];
    this.between = adjacent ? null : new Linear(width, width, { bias: false });
    this.question = adjacent ? null : embedding();
    this.answer = adjacent ? null : new Linear(width, words, { bias: false, initialiser: normal });
    this.hops = hops;
    this.memories = memories;
    this.#encoding = encoding;
  }

  /**
   * The answer's logits `[batch, words]` to `question`, int32 `[batch, words]`, about `story`, int32
   * `[batch, sentences, words]`, whose last sentence is the latest; 0 is padding, and a sentence of padding alone is not
   * read. `weights [batch, hops, sentences]` say what was looked up. `linear` leaves out the softmax over sentences, with
   * which training may begin ("linear start", section 4.2 of the paper).
   */
  forward(
    story: Tensor,
    question: Tensor,
    { linear = false }: { readonly linear?: boolean } = {},
  ): { readonly logits: Tensor<"float32">; readonly weights: Tensor<"float32"> } {
    this.#check(story, question);
    const said = any(notEqual(story, 0), { axis: 2 });
    const adjacent = this.between === null;
    const asked = this.question ?? this.embeddings[0]!;
    let u = this.#sentences(asked, question);
    const looks: Tensor[] = [];
    const read = this.embeddings.map((embedding, i) => this.#memory(embedding, i, story));
    for (let hop = 0; hop < this.hops; hop++) {
      const [input, output] = adjacent ? [read[hop]!, read[hop + 1]!] : [read[0]!, read[1]!];
      const fit = squeeze(matmul(input, expandDims(u, -1)), -1);
      const weights = linear ? where(said, fit, 0) : softmax(where(said, fit, -1e30));
      const o = squeeze(matmul(expandDims(weights, 1), output), 1);
      u = add(this.between === null ? u : this.between.forward(u), o);
      looks.push(weights);
    }
    const logits = this.answer?.forward(u) ?? matmul(u, transpose(this.embeddings.at(-1)!.weight));
    return { logits: logits as Tensor<"float32">, weights: stack(looks, 1) as Tensor<"float32"> };
  }

  /** Every sentence as a vector, with its age: `[batch, sentences, width]`. */
  #memory(embedding: Embedding, place: number, story: Tensor): Tensor {
    const sentences = this.#sentences(embedding, story);
    const ages = this.ages[place];
    if (ages === undefined) return sentences;
    return add(sentences, flip(slice(ages, { axis: 0, stop: story.shape[1]! }), 0));
  }

  /** `[…, words] → […, width]`. */
  #sentences(embedding: Embedding, tokens: Tensor): Tensor {
    // With adjacent tying the last embedding is the answer's map as well, which trains the row of padding, too.
    const vectors = where(expandDims(notEqual(tokens, 0), -1), embedding.forward(tokens), 0);
    return sum(this.#encoding === "bag" ? vectors : mul(vectors, placesIn(tokens, vectors.shape.at(-1)!)), {
      axis: -2,
    });
  }

  #check(story: Tensor, question: Tensor): void {
    for (const tokens of [story, question])
      if (tokens.dtype !== "int32")
        throw new DTypeError(this.where, `words are ${tokens.dtype}, expected int32. Cast them: x.cast("int32").`);
    if (story.rank !== 3 || question.rank !== 2 || story.shape[0] !== question.shape[0])
      throw new ShapeError(
        this.where,
        `the story is ${showShape(story.shape)}, the question ${showShape(question.shape)}; expected [batch, sentences, words] and [batch, words].`,
        [story.shape, question.shape],
      );
    if (story.shape[1]! > this.memories)
      throw new ShapeError(
        this.where,
        `the story has ${story.shape[1]} sentences, expected at most ${this.memories}. Keep the latest: story.slice({ axis: 1, start: -${this.memories} }).`,
        [story.shape],
      );
  }
}

/**
 * Position encoding (section 4.1): for word j of J and element k of d, (1 − j/J) − (k/d)(1 − 2j/J), all from 1:
 * `[…, words, width]`. J is the number of words that are not padding.
 */
function placesIn(tokens: Tensor, width: number): Tensor {
  const on = { device: tokens.device };
  const count = sum(notEqual(tokens, 0).cast("float32"), { axis: -1, keepDims: true });
  const j = div(add(arange(tokens.shape.at(-1)!, on), 1), where(notEqual(count, 0), count, 1));
  const k = div(add(arange(width, on), 1), width);
  const [word, element] = [expandDims(j, -1), k];
  return sub(sub(1, word), mul(element, sub(1, mul(word, 2))));
}
