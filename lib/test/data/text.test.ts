import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { data, nn, random } from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

describe("words and characters", () => {
  it("are taken out of a text", () => {
    expect(data.words("Don't stop, well-known Zoë: 3.14 % of 1,000!")).toEqual([
      "Don't",
      "stop",
      ",",
      "well-known",
      "Zoë",
      ":",
      "3.14",
      "%",
      "of",
      "1,000",
      "!",
    ]);
    expect(data.words("L'Été", { lowercase: true })).toEqual(["l'été"]);
    expect(data.words("")).toEqual([]);
    expect(data.characters("a😀é")).toEqual(["a", "😀", "é"]);
  });
});

describe("a vocabulary", () => {
  it("numbers tokens by how often they occur, special ones first", () => {
    const tokens = ["b", "a", "b", "c", "a", "b", "d", "<unk>"];
    const vocabulary = data.Vocabulary.of(tokens, { special: ["<pad>", "<unk>"] });
    expect(vocabulary.tokens).toEqual(["<pad>", "<unk>", "b", "a", "c", "d"]);
    expect(data.Vocabulary.of(tokens, { minCount: 2 }).tokens).toEqual(["b", "a"]);
    expect(data.Vocabulary.of(tokens, { special: ["<pad>"], size: 3 }).tokens).toEqual(["<pad>", "b", "a"]);
    expect([...vocabulary.encode(["a", "zebra", "d"])]).toEqual([3, 1, 5]);
    expect(vocabulary.decode([3, 1])).toEqual(["a", "<unk>"]);
    expect(vocabulary.has("zebra")).toBe(false);
  });

  it("comes back from JSON", () => {
    const vocabulary = data.Vocabulary.of("hello", { special: ["?"], unknown: "?" });
    const again = data.Vocabulary.from(JSON.parse(JSON.stringify(vocabulary)));
    expect(again.tokens).toEqual(vocabulary.tokens);
    expect(again.numberOf("x")).toBe(0);
  });
});

describe("byte pairs", () => {
  const text = "low low low low low lower lower newest newest newest newest newest newest widest widest widest";

  it("give back every text", () => {
    const encoding = data.BytePairs.train(`${text} naïve Zoë 😀 東京`, { size: 300 });
    const units = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) });
    const texts = fc.oneof(
      units,
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(text, " \n\t  lowest 😀\ud800 \udc00"),
    );
    fc.assert(
      fc.property(texts, (any) => encoding.decode(encoding.encode(any)) === any),
      { numRuns: 300 },
    );
  });

  it("join what stands side by side most often, as counting anew each time finds", () => {
    const encoding = data.BytePairs.train(text, { size: 268, minCount: 1 });
    // Brute force: every pair of every word of the text, counted again for each join.
    let words = (text.match(/ ?\w+/g) ?? []).map((word) => [...Buffer.from(word)]);
    const merges: [number, number][] = [];
    for (let next = 256; next < 268; next++) {
      const counts = new Map<string, number>();
      for (const word of words)
        for (let i = 0; i + 1 < word.length; i++)
          counts.set(`${word[i]} ${word[i + 1]}`, (counts.get(`${word[i]} ${word[i + 1]}`) ?? 0) + 1);
      const best = [...counts]
        .map(([pair, count]) => ({ pair: pair.split(" ").map(Number) as [number, number], count }))
        .sort((p, q) => q.count - p.count || p.pair[0] - q.pair[0] || p.pair[1] - q.pair[1])[0]!.pair;
      merges.push(best);
      words = words.map((word) => {
        const joined: number[] = [];
        for (let i = 0; i < word.length; i++)
          if (word[i] === best[0] && word[i + 1] === best[1]) {
            joined.push(next);
            i++;
          } else joined.push(word[i]!);
        return joined;
      });
    }
    expect(encoding.merges).toEqual(merges);
    // What was learnt from is encoded as it was joined.
    expect([...encoding.encode(text)]).toEqual(words.flat());
  });

  it("keep special tokens apart and come back from JSON", () => {
    const encoding = data.BytePairs.train(text, { size: 262, special: ["<pad>", "<eos>"] });
    expect(encoding.size).toBe(262);
    const eos = encoding.numberOf("<eos>");
    expect(eos).toBe(261);
    expect([...encoding.encode("<eos>")]).not.toContain(eos);
    expect(encoding.decode([...encoding.encode("low"), eos])).toBe("low<eos>");
    const again = data.BytePairs.from(JSON.parse(JSON.stringify(encoding)));
    expect([...again.encode(text)]).toEqual([...encoding.encode(text)]);
  });

  it("write bytes that are no text as such", () => {
    expect(data.BytePairs.train("", { size: 256 }).decode([0xe6, 0x41, 0xff, 0xc0, 0x80])).toBe(
      "\ufffdA\ufffd\ufffd\ufffd",
    );
  });
});

describe("padded sequences", () => {
  it("go into recurrent nets with their lengths", async () => {
    const { ids, lengths } = data.padded([[1, 2, 3], [2]], { length: 4 });
    expect(await ids.toArray()).toEqual([
      [1, 2, 3, 0],
      [2, 0, 0, 0],
    ]);
    const model = nn.init(new nn.Sequential([new nn.Embedding(4, 2)]), { seed: 1 });
    const lstm = nn.init(new nn.LSTM(2, 3), { seed: 1 });
    const alone = lstm.forward(model.forward(data.padded([[2]]).ids)).hidden;
    const together = lstm.forward(model.forward(ids), { lengths }).hidden;
    const [a, b] = [await alone.data(), await together.slice({ axis: 1, start: 1, stop: 2 }).data()];
    for (let i = 0; i < 3; i++) expect(b[i]).toBeCloseTo(a[i]!, 6);
  });

  it("come in batches of like length, every example once, in another order each epoch", async () => {
    const key = random.seed(3);
    const lengths = [...(await key.uniform([1000], { low: 1, high: 40 }).data())].map(Math.floor);
    const source = lengths.map((length, i) => new Int32Array(length).fill(i));
    const set = new data.Sequences({ source, target: source });
    const seen = async (epoch: number) => {
      const order: number[] = [];
      let padding = 0;
      for (const batch of set.batches({ size: 10, shuffle: key }).epoch(epoch)) {
        const values = await batch.source.ids.data();
        const time = batch.source.ids.shape[1]!;
        for (let i = 0; i < batch.source.lengths.length; i++) {
          order.push(values[i * time]!);
          padding += time - batch.source.lengths[i]!;
        }
      }
      return { order, padding };
    };
    const [first, second] = [await seen(0), await seen(1)];
    expect([...first.order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(first.order).not.toEqual(second.order);
    expect((await seen(0)).order).toEqual(first.order);
    // Half of a mixed batch would be padding.
    expect(first.padding).toBeLessThan(0.05 * lengths.reduce((a, b) => a + b, 0));
    expect(set.filter((example) => example.source.length > 20).length).toBe(lengths.filter((n) => n > 20).length);
    expect(set.slice(-3).length).toBe(3);
  });
});

describe("running text", () => {
  it("goes on from piece to piece, in parallel rows", async () => {
    const ids = Int32Array.from({ length: 27 }, (_, i) => i);
    const pieces = new data.RunningText(ids, { batch: 3, time: 3 });
    const rows: number[][] = [[], [], []];
    let count = 0;
    for (const { input, target, begins } of pieces) {
      expect(begins).toBe(count++ === 0);
      const [read, next] = [(await input.toArray()) as number[][], (await target.toArray()) as number[][]];
      read.forEach((row, i) => {
        rows[i]!.push(...row);
        expect(next[i]).toEqual(row.map((token) => token + 1));
      });
    }
    expect(count).toBe(pieces.length);
    expect(rows).toEqual([0, 8, 16].map((from) => Array.from({ length: 8 }, (_, i) => from + i)));
  });
});

describe("skip-grams", () => {
  it("pair each token with its neighbours, near ones more often", () => {
    const sentence = Int32Array.from({ length: 3000 }, (_, i) => i);
    const pairs = data.skipGrams([sentence, [7, 9]], { window: 4, key: random.seed(1) });
    const { center, context } = pairs.columns;
    const found = [0, 0, 0, 0, 0];
    for (let i = 0; i < pairs.length - 2; i++) found[Math.abs(center.values[i]! - context.values[i]!)]!++;
    // A neighbour at distance d is taken where the window is at least d: with chance (5 − d) / 4.
    for (const d of [1, 2, 3, 4]) expect(found[d]! / 6000).toBeCloseTo((5 - d) / 4, 1);
    expect([center.values.at(-1), context.values.at(-1)]).toEqual([9, 7]);
  });

  it("leave out frequent tokens by Mikolov's rule", () => {
    const sentence = Int32Array.from({ length: 20_000 }, (_, i) => (i % 2 === 0 ? 0 : 1 + (i % 997)));
    const pairs = data.skipGrams([sentence], { window: 1, key: random.seed(1), subsample: 1e-2 });
    const zeros = Array.from(pairs.columns.center.values).filter((token) => token === 0).length;
    // Half of all is the token 0: √(0.01 / 0.5) of it is kept, all of the rare others.
    const [kept, rare] = [10_000 * Math.sqrt(0.02), 10_000];
    expect(zeros / pairs.length).toBeCloseTo(kept / (kept + rare), 1);
  });
});

describe("a mistake with text", () => {
  const small = new data.Vocabulary(["a", "b"]);
  const ids = Int32Array.of(1, 2, 3);
  refused([
    [
      "a token that is not known",
      () => small.encode(["c"]),
      /"c" is not among the 2 tokens, and none stands for unknown/,
    ],
    ["a number past the last", () => small.decode([2]), /token 2 is outside 0 … 1/],
    ["a token twice", () => new data.Vocabulary(["a", "b", "a"]), /"a" is there twice/],
    [
      "an unknown that is not there",
      () => new data.Vocabulary(["a"], { unknown: "?" }),
      /"\?" is to stand for unknown tokens/,
    ],
    [
      "no room for special tokens",
      () => data.Vocabulary.of("ab", { size: 1, special: ["<pad>", "<unk>"] }),
      /size is 1, expected room for the 2/,
    ],
    ["JSON that is no vocabulary", () => data.Vocabulary.from({} as never), /has no list of tokens/],
    [
      "a size below the bytes",
      () => data.BytePairs.train("a", { size: 100 }),
      /size is 100, expected a whole number of at least 256/,
    ],
    [
      "a token of no encoding",
      () => data.BytePairs.train("a", { size: 256 }).decode([256]),
      /token 256 is outside 0 … 255/,
    ],
    [
      "a special token that is none",
      () => data.BytePairs.train("a", { size: 256 }).numberOf("<s>"),
      /"<s>" is none of the special tokens/,
    ],
    ["joins of what is not there", () => new data.BytePairs([[300, 1]]), /join 0 is of tokens 300 and 1/],
    ["no sequences", () => data.padded([]), /no sequences, expected at least one/],
    [
      "a length that is too short",
      () => data.padded([[1, 2, 3]], { length: 2 }),
      /a sequence has 3 steps, expected at most length, 2/,
    ],
    ["sequences without partners", () => new data.Sequences({ a: [[1]], b: [] }), /a has 1 sequences, b has 0/],
    ["a sequence past the last", () => new data.Sequences({ a: [[1]] }).gather([1]), /example 1 is outside 0 … 0/],
    [
      "a text that is too short",
      () => new data.RunningText(ids, { batch: 3, time: 2 }),
      /3 tokens are too few for 3 parts, expected at least 4/,
    ],
    [
      "pieces of nothing",
      () => new data.RunningText(ids, { batch: 1, time: 0 }),
      /time is 0, expected a positive integer/,
    ],
    ["a window of nothing", () => data.skipGrams([ids], { window: 0, key: random.seed(1) }), /window is 0/],
    [
      "a share of nothing",
      () => data.skipGrams([ids], { subsample: 0, key: random.seed(1) }),
      /subsample is 0, expected a positive share/,
    ],
  ]);
});
