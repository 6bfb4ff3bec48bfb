import { describe, expect, it } from "vitest";
import {
  capture,
  losses,
  nn,
  oneHot,
  random,
  relu,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

const model = nn.init(new nn.Sequential([new nn.Linear(3, 4), relu, new nn.Linear(4, 2)]), { seed: 1 });
const x = random.seed(2).normal([5, 3]);
const labels = tensor(Int32Array.from([0, 1, 1, 0, 1]));

describe("capture with gradients", () => {
  it("has the chain rule's values by hand at every layer", async () => {
    const inside = capture(model, x, { gradientOf: (scores: Tensor) => losses.crossEntropy(scores, labels) });
    const scores = inside.get("")!.value;
    // ∂E/∂scores = (softmax − one-hot) / n, and so on down.
    const atScores = scores.softmax().sub(oneHot(labels, 2)).div(5);
    const weight = (model.layers[2] as nn.Linear).weight;
    const atHidden = atScores.matmul(weight);
    const atSums = inside.get("0")!.value.greater(0).where(atHidden, 0);
    for (const [path, expected] of Object.entries({ "": atScores, "2": atScores, "1": atHidden, "0": atSums })) {
      const [got, want] = [await inside.get(path)!.gradient.data(), await expected.data()];
      got.forEach((value, i) => {
        expect(value).toBeCloseTo(want[i]!, 6);
      });
    }
  });

  it("keeps the values, and the gradients around it", async () => {
    const plain = capture(model, x);
    const both = capture(model, x, { gradientOf: (scores: Tensor) => scores.sum() });
    expect([...both.keys()]).toEqual([...plain.keys()]);
    for (const [path, { value }] of both) expect(await value.toArray()).toEqual(await plain.get(path)!.toArray());
    const { gradient } = valueAndGrad(model, (m) => {
      capture(m, x, { gradientOf: (scores: Tensor) => scores.sum() });
      return m.forward(x).sum();
    });
    expect(await gradient.get("2.bias")!.toArray()).toEqual([5, 5]);
  });

  it("sees what layers give in records, and every time that a layer works", async () => {
    class Reader extends nn.Module {
      readonly words = new nn.Embedding(10, 3);
      readonly lstm = new nn.LSTM(3, 4);
      readonly again = new nn.Linear(4, 4);
      forward(tokens: Tensor): Tensor {
        const { output } = this.lstm.forward(this.words.forward(tokens));
        return this.again.forward(this.again.forward(output));
      }
    }
    const reader = nn.init(new Reader(), { seed: 1 });
    const tokens = tensor(Int32Array.from([1, 2, 3, 4]), { shape: [2, 2] });
    const inside = capture(reader, tokens, { gradientOf: (y: Tensor) => y.square().sum() });
    expect([...inside.keys()]).toEqual(["words", "lstm.output", "lstm.hidden", "lstm.cell", "again", "again#2", ""]);
    expect(inside.get("words")!.gradient.shape).toEqual([2, 2, 3]);
    // The state after the last step has no influence here.
    expect(await inside.get("lstm.hidden")!.gradient.abs().sum().item()).toBe(0);
    expect(await inside.get("words")!.gradient.abs().sum().item()).toBeGreaterThan(0);
  });

  it("runs models with several inputs as it is told", () => {
    const decoder = nn.init(new nn.TransformerDecoderLayer(8, 2, { feedForward: 16 }), { seed: 1 });
    const inside = capture(decoder, (m) => m.forward(zeros([1, 3, 8]), zeros([1, 5, 8])));
    expect(inside.get("multihead_attn.weights")!.shape).toEqual([1, 2, 3, 5]);
  });
});

refused([
  [
    "more than one number to derive",
    () => capture(model, x, { gradientOf: (scores: Tensor) => scores }),
    /capture: the function returned \[5, 2\], expected one number/,
  ],
  [
    "a promise to derive",
    () => capture(model, x, { gradientOf: (async (scores: Tensor) => scores.sum()) as never }),
    /a promise, expected a tensor/,
  ],
]);
