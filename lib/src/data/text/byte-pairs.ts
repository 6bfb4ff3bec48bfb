import { ArgumentError, DataError, IndexError } from "../../tensor/errors.ts";
import { fromBytes, toBytes } from "./bytes.ts";

/** What a byte-pair encoding is written down as. */
export interface BytePairsJson {
  /** Which two tokens each further one joins, in the order in which they were found. */
  readonly merges: readonly (readonly [number, number])[];
  readonly special: readonly string[];
}

export interface BytePairsOptions {
  /** How many tokens there shall be: 256 bytes, the special ones, and what is joined of them. */
  readonly size: number;
  /** Tokens that no text gives: `["<pad>", "<eos>"]`. They have the last numbers. */
  readonly special?: readonly string[];
  /** Joins that occur less often are not made; 2 if not said. */
  readonly minCount?: number;
}

/** A word with the space before it, a number, marks, or white space: joins stay inside. */
const piece = / ?[\p{L}\p{M}]+| ?\p{N}+| ?[^\s\p{L}\p{M}\p{N}]+|\s+/gu;

/**
 * Byte-pair encoding (Sennrich, Haddow and Birch 2016) of bytes (Radford et al. 2019): the two tokens that stand side by
 * side most often become one, again and again. Every text has an encoding, and decoding gives back the same text.
 *
 * @example
 * ```ts
 * import { data } from "gradbook";
 *
 * const encoding = data.BytePairs.train("low low low lower newer newer wider", { size: 262 });
 * const tokens = encoding.encode("lower ☂");
 * console.log(encoding.decode(tokens)); // lower ☂
 * ```
 */
export class BytePairs {
  readonly merges: readonly (readonly [number, number])[];
  readonly special: readonly string[];
  readonly #ranks: ReadonlyMap<number, number>;
  readonly #bytes: readonly Uint8Array[];
  readonly #known = new Map<string, readonly number[]>();

  constructor(merges: readonly (readonly [number, number])[], special: readonly string[] = []) {
    this.merges = merges;
    this.special = special;
    const bytes: Uint8Array[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
    merges.forEach(([a, b], i) => {
      if (bytes[a] === undefined || bytes[b] === undefined)
        throw new DataError("BytePairs", `join ${i} is of tokens ${a} and ${b}, expected such as are there before it.`);
      bytes.push(Uint8Array.of(...bytes[a]!, ...bytes[b]!));
    });
    this.#bytes = bytes;
    this.#ranks = new Map(merges.map(([a, b], rank) => [pairKey(a, b), rank]));
  }

  /** Learns from texts which tokens to join. */
  static train(texts: string | Iterable<string>, { size, special = [], minCount = 2 }: BytePairsOptions): BytePairs {
    const room = size - 256 - special.length;
    if (!Number.isInteger(size) || room < 0)
      throw new ArgumentError(
        "BytePairs.train",
        `size is ${size}, expected a whole number of at least ${256 + special.length}: the bytes and the special tokens.`,
      );
    const counts = new Map<string, number>();
    for (const text of typeof texts === "string" ? [texts] : texts)
      for (const [word] of text.matchAll(piece)) counts.set(word, (counts.get(word) ?? 0) + 1);
    return new BytePairs(joins(counts, room, minCount), special);
  }

  /** How many tokens there are. */
  get size(): number {
    return this.#bytes.length + this.special.length;
  }

  encode(text: string): Int32Array {
    const tokens: number[] = [];
    for (const [word] of text.matchAll(piece)) {
      let found = this.#known.get(word);
      if (found === undefined) {
        found = this.#joined(word);
        this.#known.set(word, found);
      }
      for (const token of found) tokens.push(token);
    }
    return Int32Array.from(tokens);
  }

  /** The text of tokens; special ones are written as they are named. */
  decode(tokens: Iterable<number>): string {
    let text = "";
    let bytes: number[] = [];
    const flush = () => {
      text += fromBytes(Uint8Array.from(bytes));
      bytes = [];
    };
    for (const token of tokens) {
      const special = this.special[token - this.#bytes.length];
      if (special !== undefined) {
        flush();
        text += special;
        continue;
      }
      const own = this.#bytes[token];
      if (own === undefined) throw new IndexError("BytePairs", `token ${token} is outside 0 … ${this.size - 1}.`);
      for (const byte of own) bytes.push(byte);
    }
    flush();
    return text;
  }

  /** The number of a special token. */
  numberOf(special: string): number {
    const place = this.special.indexOf(special);
    if (place < 0)
      throw new DataError(
        "BytePairs",
        `${JSON.stringify(special)} is none of the special tokens, ${JSON.stringify(this.special)}.`,
      );
    return this.#bytes.length + place;
  }

  /** For `JSON.stringify`; `BytePairs.from` reads it back. */
  toJSON(): BytePairsJson {
    return { merges: this.merges, special: this.special };
  }

  static from(json: BytePairsJson): BytePairs {
    if (!Array.isArray(json?.merges))
      throw new DataError("BytePairs", "what was read has no list of merges. Write it with JSON.stringify(encoding).");
    return new BytePairs(json.merges, json.special);
  }

  /** The tokens of a word: whichever join was learnt first is made first. */
  #joined(word: string): readonly number[] {
    let tokens = [...toBytes(word)];
    for (;;) {
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i + 1 < tokens.length; i++)
        best = Math.min(best, this.#ranks.get(pairKey(tokens[i]!, tokens[i + 1]!)) ?? best);
      if (best === Number.POSITIVE_INFINITY) return tokens;
      const [a, b] = this.merges[best]!;
      tokens = join(tokens, a, b, 256 + best);
    }
  }
}

/** Two tokens as one number. */
function pairKey(a: number, b: number): number {
  return a * 2 ** 24 + b;
}

function join(tokens: readonly number[], a: number, b: number, joined: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < tokens.length; i++)
    if (tokens[i] === a && tokens[i + 1] === b) {
      found.push(joined);
      i++;
    } else found.push(tokens[i]!);
  return found;
}

/** The joins to make: the most frequent pair first, of equals the one with the smaller numbers. */
function joins(counts: ReadonlyMap<string, number>, room: number, minCount: number): [number, number][] {
  const words = Array.from(counts, ([word, count]) => ({ tokens: [...toBytes(word)] as readonly number[], count }));
  const pairs = new Map<number, { count: number; readonly words: Set<number> }>();
  const tally = (w: number, sign: 1 | -1) => {
    const { tokens, count } = words[w]!;
    for (let i = 0; i + 1 < tokens.length; i++) {
      const key = pairKey(tokens[i]!, tokens[i + 1]!);
      const pair = pairs.get(key) ?? { count: 0, words: new Set<number>() };
      pairs.set(key, pair);
      pair.count += sign * count;
      if (sign > 0) pair.words.add(w);
      if (pair.count === 0) pairs.delete(key);
    }
  };
  for (let w = 0; w < words.length; w++) tally(w, 1);
  const merges: [number, number][] = [];
  while (merges.length < room) {
    let [best, most] = [-1, 0];
    for (const [key, { count }] of pairs)
      if (count > most || (count === most && key < best)) [best, most] = [key, count];
    if (most < minCount) break;
    const [a, b] = [Math.floor(best / 2 ** 24), best % 2 ** 24];
    for (const w of [...pairs.get(best)!.words]) {
      tally(w, -1);
      words[w] = { tokens: join(words[w]!.tokens, a, b, 256 + merges.length), count: words[w]!.count };
      tally(w, 1);
    }
    merges.push([a, b]);
  }
  return merges;
}
