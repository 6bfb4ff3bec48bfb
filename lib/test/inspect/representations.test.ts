import { describe, expect, it } from "vitest";
import { inspect, nn, qr, random, relu, tensor, zeros } from "../../src/index.ts";
import { expectClose, load, type Stored } from "../golden/fixtures.ts";
import { drawn, pythonHasSklearn, seed } from "../golden/python.ts";
import { refused } from "../misuse/refused.ts";

type By = "correlation" | "cosine" | "euclidean";
interface Case {
  readonly x: Stored;
  readonly y: Stored;
  readonly labels: readonly number[];
  readonly targets: Stored;
  readonly queries: Stored;
  readonly decay: number;
  readonly bandwidth: number;
  readonly logProbabilities: Stored;
  readonly accuracy: number;
  readonly predicted: Stored;
  readonly r2: number;
  readonly euclidean: readonly (readonly number[])[];
  readonly cosine: readonly (readonly number[])[];
  readonly linear: number;
  readonly gaussian: number;
  readonly unbiased: number;
  readonly spearman: Readonly<Record<By, number>>;
  readonly pearson: Readonly<Record<By, number>>;
}

const script = new URL("./sklearn_representations.py", import.meta.url);
const count = 8;
const f64 = (stored: Stored) => load(stored, "cpu", "float64");
const int32 = (values: readonly number[]) => tensor(Int32Array.from(values));

describe.skipIf(!pythonHasSklearn())("representations against scikit-learn, scipy and numpy", () => {
  it(`${count} random sets: probes, alignment, dissimilarities, neighbours`, async () => {
    for (const [index, one] of drawn<Case>(script, seed, count).entries()) {
      const what = (name: string) => `GRADBOOK_SEED=${seed}, case ${index}, ${name}`;
      const [x, y, labels] = [f64(one.x), f64(one.y), int32(one.labels)];
      const { decay, bandwidth } = one;
      const classes = await inspect.probe(x, labels, { decay });
      await expectClose(classes.predict(x).logSoftmax(), one.logProbabilities, 1e-5, what("softmax regression"));
      expect(await classes.score(x, labels), what("accuracy")).toBeCloseTo(one.accuracy, 6);
      const numbers = await inspect.probe(x, f64(one.targets), { decay });
      await expectClose(numbers.predict(x), one.predicted, 1e-8, what("ridge regression"));
      expect(await numbers.score(x, f64(one.targets)), what("R²")).toBeCloseTo(one.r2, 8);
      expect(await inspect.cka(x, y), what("cka")).toBeCloseTo(one.linear, 8);
      expect(await inspect.cka(x, y, { kernel: "gaussian", bandwidth }), what("cka")).toBeCloseTo(one.gaussian, 8);
      expect(await inspect.cka(x, y, { unbiased: true }), what("cka")).toBeCloseTo(one.unbiased, 8);
      for (const dissimilarity of ["correlation", "cosine", "euclidean"] as const)
        for (const correlation of ["spearman", "pearson"] as const) {
          // Correlations of two features are all 1 or −1, but for rounding, which ranks would make much of.
          if (dissimilarity === "correlation" && Math.min(one.x.shape[1]!, one.y.shape[1]!) === 2) continue;
          const got = await inspect.rsa(x, y, { dissimilarity, correlation });
          expect(got, what(`rsa ${dissimilarity}, ${correlation}`)).toBeCloseTo(one[correlation][dissimilarity], 8);
        }
      for (const distance of ["euclidean", "cosine"] as const) {
        const found = await inspect.nearest(x, f64(one.queries), { count: 4, distance });
        expect(found.map((row) => row.map((near) => near.index))).toEqual(one[distance]);
      }
    }
  });
});

describe("alignment of representations", () => {
  it("sees neither rotation nor scale, and tells independent ones apart", async () => {
    const x = random.seed(1).normal([200, 4]).cast("float64");
    const { q } = qr(random.seed(2).normal([4, 4]).cast("float64"));
    expect(await inspect.cka(x, x.matmul(q).mul(7).add(1))).toBeCloseTo(1, 10);
    expect(await inspect.cka(x, random.seed(3).normal([200, 4]), { unbiased: true })).toBeLessThan(0.05);
  });
});

describe("probes of layers", () => {
  it("read from a hidden layer what the input does not show linearly", async () => {
    // Exclusive or, in a hidden layer of products.
    const hidden = nn.init(new nn.Linear(2, 2), { seed: 1 });
    nn.loadState(
      hidden,
      new Map([
        [
          "weight",
          tensor([
            [1, 1],
            [-1, -1],
          ]),
        ],
        ["bias", tensor([0, 0])],
      ]),
    );
    const model = new nn.Sequential([(x) => x, hidden, relu]);
    const input = random.seed(4).bernoulli([80, 2], 0.5).cast("float32").mul(2).sub(1);
    const labels = input.prod({ axis: 1 }).greater(0).cast("int32");
    const rows = await inspect.probeLayers(model, { input, labels }, { test: { input, labels } });
    expect(rows.map(({ path, shape }) => [path, shape])).toEqual([
      ["0", [2]],
      ["1", [2]],
      ["2", [2]],
    ]);
    const scores = rows.map(({ test }) => test);
    expect(scores[0]).toBeLessThan(0.85);
    expect(scores[1]).toBeLessThan(0.85);
    expect(scores[2]).toBe(1);
  });

  it("with more features than examples is the same as with the normal equations", async () => {
    const features = random.seed(5).normal([6, 30]).cast("float64");
    const targets = random.seed(6).normal([6]).cast("float64");
    const { weight, predict } = await inspect.probe(features, targets, { decay: 0.2 });
    // The gradient of the mean squared error and the penalty is zero.
    const left = predict(features).squeeze(1).sub(targets);
    const slope = left.expandDims(0).matmul(features).div(6).add(weight.mul(0.2));
    expect(await slope.abs().max().item()).toBeLessThan(1e-10);
    expect(await left.mean().abs().item()).toBeLessThan(1e-10);
  });
});

const words = new inspect.WordVectors(
  ["man", "king", "woman", "queen", "apple"],
  tensor([
    [1, 0, 0],
    [1, 1, 0],
    [-1, 0, 0],
    [-1, 1, 0],
    [0, 0, 2],
  ]),
);

describe("word vectors", () => {
  it("find neighbours without the word itself", async () => {
    const near = await words.nearest("king", { count: 2 });
    expect(near.map(({ word }) => word)).toEqual(["man", "queen"]);
    expect(near[0]!.score).toBeCloseTo(Math.SQRT1_2, 6);
    const far = await words.nearest("king", { count: 9, distance: "euclidean" });
    expect(far.map(({ word }) => word)).toEqual(["man", "queen", "woman", "apple"]);
    expect(far[0]!.score).toBeCloseTo(1, 6);
    expect((await words.nearest(tensor([0, 0, 1]), { count: 1 }))[0]!.word).toBe("apple");
  });

  it("complete analogies by sum and by product", async () => {
    for (const method of ["add", "multiply"] as const) {
      const found = await words.analogy({ from: "man", to: "king", as: "woman" }, { method });
      expect(found.map(({ word }) => word)).toEqual(["queen", "apple"]);
    }
    const [best] = await words.analogy({ from: "man", to: "king", as: "woman" });
    // cos(queen, king) − cos(queen, man) + cos(queen, woman) = 0 + √½ + √½.
    expect(best!.score).toBeCloseTo(Math.SQRT2, 6);
    const [by] = await words.analogy({ from: "man", to: "king", as: "woman" }, { method: "multiply" });
    const up = (1 + Math.SQRT1_2) / 2;
    expect(by!.score).toBeCloseTo((0.5 * up) / (1 - up + 0.001), 5);
  });

  it("know how alike two words are", async () => {
    expect(await words.similarity("man", "woman")).toBeCloseTo(-1, 6);
    expect(words.has("queen")).toBe(true);
    expect(words.has("pear")).toBe(false);
  });
});

describe("rank correlation", () => {
  it("gives equal values the mean of their ranks", () => {
    // scipy.stats.spearmanr([1, 2, 2, 5], [3, 1, 4, 4])
    expect(inspect.spearman([1, 2, 2, 5], [3, 1, 4, 4])).toBeCloseTo(0.5, 12);
    expect(inspect.pearson([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12);
  });
});

const x = zeros([5, 3]);
refused([
  ["representations of different examples", () => inspect.cka(x, zeros([4, 3])), /\[5, 3\] and \[4, 3\]/],
  ["an unknown kernel", () => inspect.cka(x, x, { kernel: "poly" as never }), /kernel is poly/],
  ["a bandwidth of 0", () => inspect.cka(x, x, { bandwidth: 0 }), /bandwidth is 0/],
  ["examples that are all alike", () => inspect.cka(x, x, { kernel: "gaussian" }), /median distance is 0/],
  ["two examples to compare", () => inspect.rsa(zeros([2, 3]), zeros([2, 3])), /at least 3/],
  ["an unknown dissimilarity", () => inspect.dissimilarities(x, "hamming" as never), /by is hamming/],
  ["a probe with labels too few", () => inspect.probe(x, int32([0, 1])), /labels \[2\] for 5 examples/],
  ["a probe without decay", () => inspect.probe(x, zeros([5]), { decay: 0 }), /decay is 0/],
  ["labels below 0", () => inspect.probe(x, int32([0, 1, -1, 0, 1])), /a label is below 0/],
  ["a neighbour's width", () => inspect.nearest(x, zeros([1, 2])), /vectors \[5, 3\] and queries \[1, 2\]/],
  ["no neighbours", () => inspect.nearest(x, x, { count: 0 }), /count is 0/],
  ["a word that is not there", () => words.vector("pear"), /the word "pear" is not there/],
  ["a word that is there twice", () => new inspect.WordVectors(["a", "a"], zeros([2, 1])), /"a" is there twice/],
  ["words without vectors", () => new inspect.WordVectors(["a"], zeros([2, 1])), /1 words and vectors \[2, 1\]/],
  ["a correlation of one pair", () => inspect.spearman([1], [2]), /1 and 1 values/],
]);
