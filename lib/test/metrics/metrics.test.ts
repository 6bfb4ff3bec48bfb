import { describe, expect, it } from "vitest";
import { Confusion, losses, metrics, random, tensor, zeros } from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

const words = (text: string) => text.split(" ");
const int = (values: readonly number[]) => tensor(Int32Array.from(values));

describe("BLEU", () => {
  // The examples of the paper, sections 2.1 and 2.1.1.
  it("counts no word more often than a reference has it", () => {
    const bleu = new metrics.Bleu({ order: 1 });
    bleu.add(words("the the the the the the the"), [
      words("the cat is on the mat"),
      words("there is a cat on the mat"),
    ]);
    expect(bleu.precisions).toEqual([2 / 7]);
  });

  it("has the precisions of the paper's two candidates: 17/18, 10/17 and 8/14, 1/13", () => {
    const references = [
      "It is a guide to action that ensures that the military will forever heed Party commands",
      "It is the guiding principle which guarantees the military forces always being under the command of the Party",
      "It is the practical guide for the army always to heed the directions of the party",
    ].map(words);
    const precisions = (text: string) => {
      const bleu = new metrics.Bleu({ order: 2 });
      bleu.add(words(text), references);
      return bleu.precisions;
    };
    expect(
      precisions("It is a guide to action which ensures that the military always obeys the commands of the party"),
    ).toEqual([17 / 18, 10 / 17]);
    expect(precisions("It is to insure the troops forever hearing the activity guidebook that party direct")).toEqual([
      8 / 14,
      1 / 13,
    ]);
  });

  it("of a corpus adds up counts before it divides, and punishes brevity once", () => {
    // By hand: unigrams 2/2 + 2/3, bigrams 1/1 + 1/2; 5 tokens for references of 4 and 3.
    const score = metrics.bleu([words("a b"), words("c d x")], [[words("a b c e")], [words("c d y")]], { order: 2 });
    expect(score).toBeCloseTo(Math.exp(1 - 7 / 5) * Math.sqrt((4 / 5) * (2 / 3)), 14);
  });

  it("takes the reference nearest in length, of two the shorter", () => {
    const bleu = new metrics.Bleu({ order: 1 });
    bleu.add(words("a b c"), [words("a b"), words("a b c d"), words("a b c d e f")]);
    expect(bleu.brevityPenalty).toBe(1);
    const short = new metrics.Bleu({ order: 1 });
    short.add(words("a b c"), [words("a b c d"), words("a b c d e f")]);
    expect(short.brevityPenalty).toBeCloseTo(Math.exp(1 - 4 / 3), 14);
  });

  it("is 0 where no 4-gram matches, unless smoothed", () => {
    const score = (smoothing: "none" | "add" | "exponential") =>
      metrics.bleu([words("a b c d e")], [[words("a b x d e")]], { smoothing });
    expect(score("none")).toBe(0);
    // Matches 4/5, 2/4, 0/3, 0/2.
    expect(score("add")).toBeCloseTo(((4 / 5) * (3 / 5) * (1 / 4) * (1 / 3)) ** 0.25, 14);
    expect(score("exponential")).toBeCloseTo(((4 / 5) * (2 / 4) * (1 / 6) * (1 / 8)) ** 0.25, 14);
    expect(metrics.bleu([words("a b c d e")], [[words("a b c d e")]])).toBe(1);
  });
});

describe("edits", () => {
  it("are Levenshtein's", () => {
    expect(metrics.editDistance("kitten", "sitting")).toBe(3);
    expect(metrics.editDistance("", "abc")).toBe(3);
    expect(metrics.editDistance([1, 2, 3], [1, 2, 3])).toBe(0);
  });

  it("obey the laws of a distance", () => {
    const strings = Array.from({ length: 12 }, (_, i) => [
      ...random
        .seed(1)
        .child(i)
        .permutation(6)
        .subarray(0, 1 + (i % 6)),
    ]);
    for (const a of strings)
      for (const b of strings) {
        const apart = metrics.editDistance(a, b);
        expect(apart).toBe(metrics.editDistance(b, a));
        for (const c of strings)
          expect(metrics.editDistance(a, c)).toBeLessThanOrEqual(apart + metrics.editDistance(b, c));
      }
  });

  it("are counted per word and per character of what is right", () => {
    expect(metrics.wordErrorRate(["the cat  sat", "on mat"], ["the cat sat", "on the mat"])).toBeCloseTo(1 / 6, 14);
    expect(metrics.characterErrorRate(["häuser😀"], ["hauser😀"])).toBeCloseTo(1 / 7, 14);
  });
});

describe("likelihood", () => {
  it("is the loss over all batches, without padding, and finite for large logits", async () => {
    const logits = random.seed(1).normal([2, 3, 5]).mul(1000).cast("float64");
    const labels = tensor(Int32Array.of(0, 1, 4, 2, 3, 0), { shape: [2, 3] });
    const likelihood = new metrics.Likelihood({ ignoreIndex: 0 });
    for (const i of [0, 1]) await likelihood.add(logits.at(i), labels.at(i));
    const loss = await losses.crossEntropy(logits, labels, { ignoreIndex: 0 }).item();
    expect(likelihood.logLoss).toBeCloseTo(loss, 9);
    expect(likelihood.count).toBe(4);
    expect(likelihood.bits).toBeCloseTo(loss / Math.LN2, 9);
  });

  it("goes to its limit where logits are infinite, as cross-entropy does", async () => {
    const inf = Number.POSITIVE_INFINITY;
    const cases: readonly (readonly [readonly number[], number, number])[] = [
      [[inf, 0, 1], 0, 0],
      [[inf, 0, 1], 1, inf],
      [[inf, 0, inf], 2, Math.LN2],
      [[-inf, 0, 0], 1, Math.LN2],
    ];
    for (const [row, label, loss] of cases) {
      const likelihood = new metrics.Likelihood();
      const [logits, labels] = [tensor([row as number[]]), tensor([label], { dtype: "int32" })];
      await likelihood.add(logits, labels);
      expect(likelihood.logLoss).toBeCloseTo(loss, 12);
      expect(await losses.crossEntropy(logits, labels).item()).toBeCloseTo(loss, 6);
    }
  });

  it("of uniform guesses has the number of classes for perplexity", async () => {
    expect(await metrics.perplexity(zeros([4, 7]), int([0, 3, 6, 1]))).toBeCloseTo(7, 12);
  });
});

describe("calibration", () => {
  it("is the distance of confidence and accuracy in each bin, weighted", async () => {
    // By hand: .9 and .8 in (.8, 1] and (.6, .8], one of them wrong; .6 in (.4, .6], right.
    const p = tensor(
      [
        [0.9, 0.1],
        [0.2, 0.8],
        [0.4, 0.6],
        [0.95, 0.05],
      ],
      { dtype: "float64" },
    );
    const calibration = new metrics.Calibration({ bins: 5 });
    await calibration.add(p, int([0, 0, 1, 1]));
    // Bins: (.4, .6]: .6 right; (.6, .8]: .8 wrong; (.8, 1]: .9 right, .95 wrong.
    expect(calibration.expectedError).toBeCloseTo((0.4 + 0.8 + 2 * Math.abs(0.925 - 0.5)) / 4, 12);
    expect(calibration.bins().map(({ count }) => count)).toEqual([1, 1, 2]);
    expect(await metrics.expectedCalibrationError(p, int([0, 0, 1, 1]), { bins: 1 })).toBeCloseTo(0.8125 - 0.5, 12);
  });
});

describe("ranks", () => {
  it("share equal places, and their reciprocals are averaged", async () => {
    const scores = tensor([
      [3, 1, 2],
      [1, 1, 1],
    ]);
    expect([...(await metrics.expectedRanks(scores, int([1, 0])))]).toEqual([3, 2]);
    expect(await metrics.meanReciprocalRank(scores, int([1, 0]))).toBeCloseTo((1 / 3 + 1 / 2) / 2, 14);
  });

  it("meet where as many are accepted wrongly as rejected wrongly", async () => {
    const ranking = new metrics.Ranking();
    await ranking.add([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2], [1, 1, 0, 1, 0, 1, 0, 0]);
    expect(ranking.equalErrorRate).toBeCloseTo(0.25, 12);
  });
});

const scores = zeros([3, 4]);
const labels = int([0, 1, 2]);
// biome-ignore lint/suspicious/noExplicitAny: what no type allows.
const wrong = metrics as any;
const mistakes: readonly Mistake[] = [
  [
    "labels that are floats",
    () => wrong.topKAccuracy(scores, zeros([3])),
    /labels are float32, expected int32 classes/,
  ],
  ["too few labels", () => metrics.topKAccuracy(scores, int([0])), /expected one label for each row, \[3\]/],
  ["the best none", () => metrics.topKAccuracy(scores, labels, { k: 0 }), /k is 0, expected a positive integer/],
  ["a label outside", () => metrics.expectedRanks(scores, int([0, 1, 4])), /label 4 at \[2\] is outside 0 … 3/],
  [
    "an average that is none",
    async () => wrong.f1(scores, labels, { average: "mean" }),
    /average is mean, expected "macro"/,
  ],
  ["the accuracy of nothing", () => new Confusion(2).accuracy, /Confusion: nothing was added, expected at least one/],
  ["the error of nothing", () => new Confusion(2).error, /Confusion: nothing was added/],
  ["the recall of nothing", () => new Confusion(2).recall({ average: "macro" }), /Confusion: nothing was added/],
  ["a class outside", () => new Confusion(2).add(scores, int([0, 1, 3])), /class 3 is outside 0 … 1/],
  ["a ranking of true ones alone", () => metrics.rocAuc([1, 2], [1, 1]), /all are true, expected some of both/],
  ["a score that is none", () => metrics.rocAuc([1, Number.NaN], [1, 0]), /score 1 is NaN/],
  ["more scores than truths", () => metrics.rocAuc([1, 2], [1]), /the scores has 2 values, the truths 1/],
  ["shapes that differ", () => metrics.r2(scores, zeros([4, 3])), /the prediction is \[3, 4\], the target \[4, 3\]/],
  ["the mean of nothing", () => new metrics.Regression().r2, /nothing was added/],
  [
    "logits for probabilities",
    () => metrics.expectedCalibrationError(scores.add(2), labels),
    /row 0 has 2, expected probabilities/,
  ],
  ["no bins", () => new metrics.Calibration({ bins: 0 }), /bins is 0, expected a positive integer/],
  ["a translation without references", () => new metrics.Bleu().add(["a"], []), /no references, expected at least one/],
  [
    "a reference that was not split",
    () => wrong.bleu([["a"]], [["a b"]]),
    /a reference is text, expected an array of tokens/,
  ],
  ["other texts than references", () => metrics.bleu([["a"]], []), /1 texts and 0 references/],
  ["a smoothing that is none", () => wrong.bleu([], [], { smoothing: "floor" }), /smoothing is floor, expected "none"/],
];
describe("mistakes with metrics", () => refused(mistakes));
