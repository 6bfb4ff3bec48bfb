import { DataError, IndexError } from "../../tensor/errors.ts";

export interface VocabularyOptions {
  /** Tokens seen less often are left out; 1 if not said. */
  readonly minCount?: number;
  /** The most tokens to keep, special ones among them; the frequent ones stay. */
  readonly size?: number;
  /** Tokens with the first numbers, whether they occur or not: `["<pad>", "<unk>", "<bos>", "<eos>"]`. */
  readonly special?: readonly string[];
  /** The special token that stands for all that are not known; `<unk>` if that is among the special ones. */
  readonly unknown?: string;
}

/** What a vocabulary is written down as. */
export interface VocabularyJson {
  readonly tokens: readonly string[];
  readonly unknown: string | null;
}

/**
 * Tokens (words, characters, pieces of words) and their numbers.
 *
 * @example
 * ```ts
 * import { data } from "gradbook";
 *
 * const words = data.words("the cat and the dog and the bird");
 * const vocabulary = data.Vocabulary.of(words, { minCount: 2, special: ["<pad>", "<unk>"] });
 * console.log(vocabulary.tokens); // [ '<pad>', '<unk>', 'the', 'and' ]
 * console.log(vocabulary.encode(["the", "bird"])); // Int32Array(2) [ 2, 1 ]
 * ```
 */
export class Vocabulary {
  readonly tokens: readonly string[];
  readonly unknown: string | null;
  readonly #places: ReadonlyMap<string, number>;

  /** These tokens, in this order. */
  constructor(tokens: readonly string[], { unknown }: Pick<VocabularyOptions, "unknown"> = {}) {
    this.tokens = [...tokens];
    this.#places = new Map(tokens.map((token, place) => [token, place]));
    if (this.#places.size !== tokens.length) {
      const twice = tokens.find((token, place) => this.#places.get(token) !== place);
      throw new DataError("Vocabulary", `${quoted(twice!)} is there twice, expected every token once.`);
    }
    this.unknown = unknown ?? (this.#places.has("<unk>") ? "<unk>" : null);
    if (this.unknown !== null && !this.#places.has(this.unknown))
      throw new DataError(
        "Vocabulary",
        `${quoted(this.unknown)} is to stand for unknown tokens but is not among them. Name it as special, too.`,
      );
  }

  /** The vocabulary of running text: the special tokens, then the others by how often they occur, then by their letters. */
  static of(tokens: Iterable<string>, options: VocabularyOptions = {}): Vocabulary {
    const { minCount = 1, size = Number.POSITIVE_INFINITY, special = [] } = options;
    if (size < special.length)
      throw new DataError("Vocabulary", `size is ${size}, expected room for the ${special.length} special tokens.`);
    const counts = new Map<string, number>();
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
    for (const token of special) counts.delete(token);
    const found = [...counts]
      .filter(([, count]) => count >= minCount)
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .map(([token]) => token);
    return new Vocabulary([...special, ...found].slice(0, size), options);
  }

  /** How many tokens there are. */
  get size(): number {
    return this.tokens.length;
  }

  has(token: string): boolean {
    return this.#places.has(token);
  }

  /** @throws DataError for a token that is not known, where none stands for such. */
  numberOf(token: string): number {
    const place = this.#places.get(token) ?? (this.unknown === null ? undefined : this.#places.get(this.unknown));
    if (place === undefined)
      throw new DataError(
        "Vocabulary",
        `${quoted(token)} is not among the ${this.size} tokens, and none stands for unknown ones. Name "<unk>" as special.`,
      );
    return place;
  }

  /** @throws IndexError for a number outside. */
  tokenOf(number: number): string {
    const token = this.tokens[number];
    if (token === undefined) throw new IndexError("Vocabulary", `token ${number} is outside 0 … ${this.size - 1}.`);
    return token;
  }

  encode(tokens: Iterable<string>): Int32Array {
    return Int32Array.from(Array.from(tokens, (token) => this.numberOf(token)));
  }

  decode(numbers: Iterable<number>): string[] {
    return Array.from(numbers, (number) => this.tokenOf(number));
  }

  /** For `JSON.stringify`; `Vocabulary.from` reads it back. */
  toJSON(): VocabularyJson {
    return { tokens: this.tokens, unknown: this.unknown };
  }

  static from(json: VocabularyJson): Vocabulary {
    if (!Array.isArray(json?.tokens) || !json.tokens.every((token) => typeof token === "string"))
      throw new DataError(
        "Vocabulary",
        "what was read has no list of tokens. Write it with JSON.stringify(vocabulary).",
      );
    return new Vocabulary(json.tokens, json.unknown === null ? {} : { unknown: json.unknown });
  }
}

function quoted(token: string): string {
  return JSON.stringify(token.length > 40 ? `${token.slice(0, 40)}…` : token);
}
