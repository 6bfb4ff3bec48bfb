import { describe, expect, it } from "vitest";
import { inference, random } from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

const { NGram } = inference;

/** Interpolated Kneser–Ney word for word as Chen and Goodman (1999) write it, with one list scanned for every count. */
function byDefinition(text: readonly number[], order: number, vocabulary: number) {
  const grams = (n: number) => Array.from({ length: text.length - n + 1 }, (_, i) => text.slice(i, i + n).join(" "));
  const lists = Array.from({ length: order }, (_, i) => {
    const length = i + 1;
    if (length === order) return grams(length);
    const longer = new Set(grams(length + 1));
    return [...longer].map((gram) => gram.split(" ").slice(1).join(" "));
  });
  const count = (list: readonly string[], gram: string) => list.filter((other) => other === gram).length;
  const probability = (word: number, context: readonly number[]): number => {
    const list = lists[context.length]!;
    const lower = context.length === 0 ? 1 / vocabulary : probability(word, context.slice(1));
    const extended = (w: number) => [...context, w].join(" ");
    const counts = Array.from({ length: vocabulary }, (_, w) => count(list, extended(w)));
    const total = counts.reduce((a, b) => a + b, 0);
    if (total === 0) return lower;
    const kinds = [...new Set(list)].map((gram) => count(list, gram));
    const [once, twice] = [1, 2].map((k) => kinds.filter((c) => c === k).length) as [number, number];
    // The library's choice where nothing was seen once, which the definition leaves open.
    const discount = once > 0 ? once / (once + 2 * twice) : 0.5;
    const followers = counts.filter((c) => c > 0).length;
    return Math.max(0, counts[word]! - discount) / total + ((discount * followers) / total) * lower;
  };
  return probability;
}

const text = Array.from(random.seed(7).bits(300), (word) => Math.floor(((word >>> 0) / 2 ** 32) ** 2 * 6));

describe("an n-gram model", () => {
  it.each([1, 2, 3])("of order %d has the probabilities of the definition", (order) => {
    const model = new NGram(text, { vocabulary: 6, order });
    const expected = byDefinition(text, order, 6);
    for (let i = 20; i < 40; i++) {
      const context = text.slice(i - order + 1, i);
      for (let word = 0; word < 6; word++)
        expect(model.probability(word, context)).toBeCloseTo(expected(word, context), 12);
    }
  });

  it.each(["kneserNey", "modifiedKneserNey"] as const)("with %s gives every context a distribution", (smoothing) => {
    const model = new NGram(text, { vocabulary: 8, order: 3, smoothing });
    for (const context of [[], [0], [7], [0, 1], [7, 7], [5, 0], [3, 1, 2, 4]]) {
      const p = model.distribution(context);
      expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      // Words 6 and 7 never occur.
      expect(Math.min(...p)).toBeGreaterThan(0);
      for (let word = 0; word < 8; word++) expect(model.probability(word, context)).toBeCloseTo(p[word]!, 14);
    }
  });

  it("discounts by how often something was seen, in the modified form, with the discounts of Chen and Goodman", () => {
    // Seen once: 4 words, twice: 2, three times: 1, four times: 1. Y = 4 / 8.
    const words = [0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 7, 7, 7, 7];
    const model = new NGram(words, { vocabulary: 8, order: 1, smoothing: "modifiedKneserNey" });
    const [one, two, three] = [1 - (2 * 0.5 * 2) / 4, 2 - (3 * 0.5 * 1) / 2, 3 - (4 * 0.5 * 1) / 1];
    const share = (4 * one + 2 * two + 2 * three) / 8;
    expect(model.probability(0)).toBeCloseTo((1 - one + share) / 15, 12);
    expect(model.probability(4)).toBeCloseTo((2 - two + share) / 15, 12);
    expect(model.probability(7)).toBeCloseTo((4 - three + share) / 15, 12);
  });

  it("knows a text it has learnt better than another, and better than words alone do", () => {
    const cycle = Array.from({ length: 400 }, (_, i) => i % 5);
    const model = new NGram(cycle, { vocabulary: 5, order: 2 });
    expect(model.perplexity(cycle)).toBeLessThan(1.1);
    expect(new NGram(cycle, { vocabulary: 5, order: 1 }).perplexity(cycle)).toBeCloseTo(5, 2);
    const [p, q] = [
      model.logProbabilities([1, 2, 3], { context: [0] }),
      [1, 2, 3].map((w) => model.probability(w, [w - 1])),
    ];
    for (const [i, value] of p.entries()) expect(value).toBeCloseTo(Math.log(q[i]!), 12);
  });

  it("draws the same words from the same key, and those that follow", () => {
    const cycle = Array.from({ length: 400 }, (_, i) => i % 5);
    const model = new NGram(cycle, { vocabulary: 5, order: 2 });
    const words = model.sample(random.seed(1), { length: 200, context: [4] });
    expect(model.sample(random.seed(1), { length: 200, context: [4] })).toEqual(words);
    const next = words.filter((word, i) => i > 0 && word === (words[i - 1]! + 1) % 5).length;
    expect(next).toBeGreaterThan(180);
  });
});

const model = new NGram([0, 1, 0, 1], { vocabulary: 2, order: 2 });
const mistakes: Mistake[] = [
  [
    "a word outside the vocabulary",
    () => new NGram([0, 5], { vocabulary: 3, order: 1 }),
    /token 5 at 1 is outside 0 … 2/,
  ],
  ["no words", () => new NGram([], { vocabulary: 3 }), /a text of 0 tokens, expected at least the order, 3/],
  ["an order of none", () => new NGram([0, 1], { vocabulary: 2, order: 0 }), /order is 0/],
  ["a vocabulary of a half", () => new NGram([0, 1], { vocabulary: 1.5 }), /vocabulary is 1\.5/],
  [
    "a smoothing that there is not",
    () => new NGram([0, 1, 0], { vocabulary: 2, smoothing: "laplace" as never }),
    /smoothing is laplace, expected kneserNey or modifiedKneserNey/,
  ],
  ["the probability of a word that there is not", () => model.probability(2), /token 2 is outside 0 … 1/],
  ["a context that there is not", () => model.probability(1, [0, 9]), /token 9 at 1 of the context/],
  ["the perplexity of nothing", () => model.perplexity([]), /0 tokens has no perplexity/],
  ["no words to draw", () => model.sample(random.seed(1), { length: 0 }), /length is 0/],
];
describe("a mistake with n-grams", () => refused(mistakes));
