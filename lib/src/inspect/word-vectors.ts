import { stack } from "../operations/joining.ts";
import { tensor } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { held } from "../tensor/ownership.ts";
import { showShape } from "../tensor/shapes.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type NearestOptions, nearest, smallest, unitRows } from "./neighbours.ts";

/** A word and how near it is: the cosine for `"cosine"`, the distance for `"euclidean"`, or an analogy's score. */
export interface WordScore {
  readonly word: string;
  readonly score: number;
}

export interface AnalogyOptions {
  /** 10 if not said. */
  readonly count?: number;
  /**
   * How the three similarities are put together: their sum (3CosAdd, Mikolov, Yih and Zweig 2013; if not said) or their
   * product (3CosMul, Levy and Goldberg 2014).
   */
  readonly method?: "add" | "multiply";
}

/** Of `from` to `to` as of `as` to what? */
export interface Analogy {
  readonly from: string;
  readonly to: string;
  readonly as: string;
}

/** Keeps a vanishing similarity from deciding alone, as Levy and Goldberg do. */
const epsilon = 0.001;

/**
 * Words and their vectors `[words, width]`: neighbours, similarities, analogies.
 *
 * @example
 * ```ts
 * import { inspect, tensor } from "gradbook";
 *
 * const vectors = new inspect.WordVectors(["man", "king", "woman", "queen"], tensor([[1, 0], [1, 1], [-1, 0], [-1, 1]]));
 * const [best] = await vectors.analogy({ from: "man", to: "king", as: "woman" });
 * best!.word; // "queen"
 * ```
 */
export class WordVectors {
  readonly words: readonly string[];
  readonly vectors: Tensor;
  readonly #places: ReadonlyMap<string, number>;
  readonly #units: Tensor;

  /** @throws ShapeError where there is not one vector for each word, ArgumentError for a word that is there twice. */
  constructor(words: readonly string[], vectors: Tensor) {
    if (vectors.rank !== 2 || vectors.shape[0] !== words.length)
      throw new ShapeError(
        "WordVectors",
        `${words.length} words and vectors ${showShape(vectors.shape)}, expected [${words.length}, width].`,
        [vectors.shape],
      );
    this.words = words;
    this.vectors = vectors;
    this.#places = new Map(words.map((word, i) => [word, i]));
    if (this.#places.size !== words.length) {
      const twice = words.find((word, i) => this.#places.get(word) !== i);
      throw new ArgumentError("WordVectors", `the word "${twice}" is there twice, expected each once.`);
    }
    this.#units = unitRows(vectors);
  }

  /** @internal */
  [held](): unknown {
    return this.#units;
  }

  has(word: string): boolean {
    return this.#places.has(word);
  }

  /** The vector of a word, `[width]`. @throws ArgumentError for a word that is not there. */
  vector(word: string): Tensor {
    return this.#row(this.vectors, word);
  }

  /** The cosine of the angle between two words' vectors. @throws ArgumentError for a word that is not there. */
  similarity(word: string, other: string): Promise<number> {
    return this.#row(this.#units, word).mul(this.#row(this.#units, other)).sum().item();
  }

  /**
   * The words nearest to a word (without itself) or to a vector `[width]`, by cosine if not said otherwise.
   * @throws ArgumentError for a word that is not there, ShapeError for a vector of another width.
   */
  async nearest(word: string | Tensor, { count = 10, distance = "cosine" }: NearestOptions = {}): Promise<WordScore[]> {
    const query = word instanceof Tensor ? word : this.vector(word);
    if (query.rank !== 1)
      throw new ShapeError("WordVectors.nearest", `the vector is ${showShape(query.shape)}, expected [width].`);
    const [found] = await nearest(this.vectors, query.expandDims(0), { count: count + 1, distance });
    return found!
      .map(({ index, distance: apart }) => ({
        word: this.words[index]!,
        score: distance === "cosine" ? 1 - apart : apart,
      }))
      .filter((other) => other.word !== word)
      .slice(0, count);
  }

  /**
   * The words that are to `as` what `to` is to `from`, the best first, without the three themselves.
   * @throws ArgumentError for a word that is not there.
   */
  async analogy({ from, to, as }: Analogy, { count = 10, method = "add" }: AnalogyOptions = {}): Promise<WordScore[]> {
    if (method !== "add" && method !== "multiply")
      throw new ArgumentError("WordVectors.analogy", `method is ${method}, expected "add" or "multiply".`);
    const three = [from, to, as].map((word) => this.#row(this.#units, word));
    const cosines = this.#units.matmul(stack(three).transpose());
    const column = (i: number) => cosines.slice({ axis: 1, start: i, stop: i + 1 }).squeeze(1);
    const positive = (i: number) => column(i).add(1).div(2);
    const scores = await (method === "add"
      ? column(1).sub(column(0)).add(column(2))
      : positive(1).mul(positive(2)).div(positive(0).add(epsilon))
    ).data();
    return smallest(
      scores.map((score) => -score),
      count + 3,
    )
      .map(({ index, distance }) => ({ word: this.words[index]!, score: -distance }))
      .filter(({ word }) => word !== from && word !== to && word !== as)
      .slice(0, count);
  }

  #row(rows: Tensor, word: string): Tensor {
    const place = this.#places.get(word);
    if (place === undefined)
      throw new ArgumentError(
        "WordVectors",
        `the word "${word}" is not there, expected one of ${this.words.length} known.`,
      );
    return rows.take(tensor(Int32Array.of(place), { device: rows.device }), 0).squeeze(0);
  }
}
