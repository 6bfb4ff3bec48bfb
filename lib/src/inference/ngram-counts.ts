/**
 * The n-grams of a text in a tree: a node for each, reached from the empty one by its words. The count of one of the full
 * length is how often it was seen; that of a shorter one, after how many different words.
 */
export class NGramCounts {
  /** For each order from 1: how many n-grams have a count of 1, 2, 3 and 4. */
  readonly counted: readonly (readonly number[])[];
  readonly #vocabulary: number;
  /** Node · vocabulary + word → node. */
  readonly #children = new Map<number, number>();
  readonly #counts: number[] = [0];
  readonly #totals: number[] = [0];
  /** How many words were seen once, twice and more often after each node. */
  readonly #seen: [number, number, number][] = [[0, 0, 0]];

  constructor(tokens: ArrayLike<number>, vocabulary: number, order: number) {
    this.#vocabulary = vocabulary;
    const orderOf = [0];
    // The n-grams that begin one place later, from the shortest: without their first word, those of this place.
    let later: number[] = [];
    for (let start = tokens.length - 1; start >= 0; start--) {
      const here = [0];
      for (let length = 1; length <= order && start + length <= tokens.length; length++) {
        const key = here[length - 1]! * vocabulary + tokens[start + length - 1]!;
        let node = this.#children.get(key);
        const isNew = node === undefined;
        if (node === undefined) {
          node = this.#counts.push(0) - 1;
          orderOf.push(length);
          this.#totals.push(0);
          this.#seen.push([0, 0, 0]);
          this.#children.set(key, node);
        }
        here.push(node);
        if (length === order) this.#counts[node]!++;
        if (isNew && length > 1) this.#counts[later[length - 1]!]!++;
      }
      later = here;
    }
    const counted = Array.from({ length: order }, () => [0, 0, 0, 0]);
    for (const [key, node] of this.#children) {
      const count = this.#counts[node]!;
      // The first words of the text were seen after none.
      if (count === 0) continue;
      const before = Math.floor(key / vocabulary);
      this.#totals[before]! += count;
      this.#seen[before]![Math.min(count, 3) - 1]!++;
      if (count <= 4) counted[orderOf[node]! - 1]![count - 1]!++;
    }
    this.counted = counted;
  }

  /** The n-gram that a word makes of another, −1 if there is none. */
  child(node: number, word: number): number {
    return this.#children.get(node * this.#vocabulary + word) ?? -1;
  }

  count(node: number): number {
    return node < 0 ? 0 : this.#counts[node]!;
  }

  /** All counts after a context together, and how many words have a count of 1, 2 and more there. */
  after(node: number): { readonly total: number; readonly seen: readonly [number, number, number] } {
    return { total: this.#totals[node]!, seen: this.#seen[node]! };
  }
}
