import { describe, expect, it } from "vitest";
import { nn, optim, random, tensor, valueAndGrad } from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

const frequencies = [40, 30, 10, 8, 7, 5];

describe("hierarchical softmax", () => {
  const words = nn.init(new nn.HierarchicalSoftmax(3, frequencies), { seed: 1 });
  const x = random.seed(2).normal([4, 3]);

  it("has probabilities that sum to 1, whatever the number of classes", async () => {
    for (const classes of [2, 3, 5, 64, 101]) {
      const module = nn.init(new nn.HierarchicalSoftmax(3, classes), { seed: classes });
      const sums = await module.logProbabilities(x).exp().sum({ axis: -1 }).data();
      for (const sum of sums) expect(sum).toBeCloseTo(1, 5);
    }
  });

  it("gives a label the same as among all", async () => {
    const all = await words.logProbabilities(x).data();
    for (let label = 0; label < frequencies.length; label++) {
      const labels = tensor(new Int32Array(4).fill(label));
      const own = await words.forward(x, labels).data();
      for (let i = 0; i < 4; i++) expect(own[i]).toBeCloseTo(all[i * frequencies.length + label]!, 5);
    }
  });

  it("has Huffman's tree: frequent classes near the root", async () => {
    // By hand: 5 + 7, 8 + 10, 12 + 18, 30 + 30, 60 + 40 make the codes 1, 2, 4, 4, 4 and 4 long.
    const certain = nn.init(new nn.HierarchicalSoftmax(1, frequencies), { seed: 1 });
    nn.loadState(
      certain,
      new Map([
        ["weight", tensor(new Float32Array(5), { shape: [5, 1] })],
        ["bias", tensor(new Float32Array(5))],
      ]),
    );
    const halves = await certain.logProbabilities(tensor([[1]])).data();
    expect([...halves].map((log) => Math.round(-log / Math.LN2))).toEqual([1, 2, 4, 4, 4, 4]);
    expect(new nn.HierarchicalSoftmax(1, 8).describe()).toMatch(/depth 3/);
  });

  it("learns the frequencies", async () => {
    const unconditional = nn.init(new nn.HierarchicalSoftmax(1, frequencies), { seed: 1 });
    const labels = tensor(Int32Array.from(frequencies.flatMap((n, label) => new Array<number>(n).fill(label))));
    const ones = tensor(new Float32Array(100).fill(1), { shape: [100, 1] });
    const adam = optim.adam({ rate: 0.1 });
    for (let step = 0; step < 300; step++) {
      const { gradient } = valueAndGrad(unconditional, (m) => m.forward(ones, labels).mean().neg());
      adam.update(unconditional, gradient);
    }
    const found = await unconditional
      .logProbabilities(tensor([[1]]))
      .exp()
      .data();
    frequencies.forEach((n, i) => {
      expect(found[i]).toBeCloseTo(n / 100, 2);
    });
  });

  const mistakes: readonly Mistake[] = [
    ["one class", () => new nn.HierarchicalSoftmax(3, 1), /1 classes, expected at least two/],
    ["a negative frequency", () => new nn.HierarchicalSoftmax(3, [1, -1]), /frequency 1 is -1, expected 0 or more/],
    ["other features", () => words.logProbabilities(tensor([[1, 2]])), /the input is \[1, 2\], expected \[\.\.\., 3\]/],
    [
      "a label too few",
      () => words.forward(x, tensor(Int32Array.of(1))),
      /the labels \[1\]; expected one label for each row/,
    ],
    ["a label past the last", () => words.forward(x, tensor(Int32Array.of(1, 2, 3, 6))), /6 at \[3\] is outside 0 … 5/],
  ];
  refused(mistakes);
});
