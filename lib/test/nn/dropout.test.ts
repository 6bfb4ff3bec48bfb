import { describe, expect, it } from "vitest";
import { nn, ones, random, selu, valueAndGrad } from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

const inTraining = <T>(seed: number, body: () => T): T => nn.training(random.seed(seed), body);

describe("spatial dropout", () => {
  const layer = new nn.SpatialDropout(0.5);

  it("drops whole maps and doubles the others", async () => {
    const x = ones([10, 20, 3, 3]);
    expect(layer.forward(x)).toBe(x);
    const y = inTraining(1, () => layer.forward(x));
    const maps = (await y.reshape([200, 9]).toArray()) as number[][];
    for (const map of maps) expect(new Set(map).size).toBe(1);
    const kept = maps.filter(([value]) => value === 2).length;
    expect(kept).toBeGreaterThan(70);
    expect(kept).toBeLessThan(130);
    expect(kept + maps.filter(([value]) => value === 0).length).toBe(200);
  });
});

describe("alpha dropout", () => {
  it.each([0.05, 0.2, 0.5])("of %d keeps mean 0 and variance 1", async (rate) => {
    const x = random.seed(2).normal([200_000]);
    const y = inTraining(3, () => new nn.AlphaDropout(rate).forward(x));
    expect(Math.abs(await y.mean().item())).toBeLessThan(0.02);
    expect(await y.variance().item()).toBeCloseTo(1, 1);
  });

  it("sets what is dropped to what selu tends to", async () => {
    const x = random.seed(2).normal([1000]);
    const limit = await selu(ones([1]).mul(-100)).item();
    const [a, b] = [1 / Math.sqrt(0.5 * (1 + 0.5 * limit ** 2)), 0.5 / Math.sqrt(0.5 * (1 + 0.5 * limit ** 2))];
    const y = await inTraining(3, () => new nn.AlphaDropout(0.5).forward(x)).data();
    const least = a * limit - b * limit;
    const dropped = y.filter((value) => Math.abs(value - least) < 1e-5).length;
    expect(dropped).toBeGreaterThan(430);
    expect(dropped).toBeLessThan(570);
  });
});

describe("DropConnect", () => {
  const make = (rate: number) =>
    nn.init(new nn.DropConnect(new nn.Linear(40, 30, { initialiser: nn.onesInit }), rate), { seed: 1 });

  it("drops weights, not outputs, the same for the whole batch, and leaves the parameters as they are", async () => {
    const model = make(0.5);
    const before = model.layer.weight;
    const x = ones([2, 40]);
    const y = inTraining(1, () => model.forward(x).sub(model.layer.bias!));
    expect(model.layer.weight).toBe(before);
    const [first, second] = (await y.toArray()) as [number[], number[]];
    expect(first).toEqual(second);
    // Each output is twice the number of weights that stayed.
    for (const value of first) expect(value / 2).toBeCloseTo(Math.round(value / 2), 4);
    expect(new Set(first.map((value) => Math.round(value))).size).toBeGreaterThan(3);
    expect(first.reduce((a, b) => a + b) / 30).toBeGreaterThan(34);
    expect(first.reduce((a, b) => a + b) / 30).toBeLessThan(46);
  });

  it("trains the weights that stayed", async () => {
    const model = make(0.5);
    const { gradient } = valueAndGrad(model, (m) => inTraining(1, () => m.forward(ones([1, 40])).sum()));
    const values = await gradient.get("layer.weight")!.data();
    expect(new Set(values)).toEqual(new Set([0, 2]));
    expect([...gradient.keys()]).toEqual(["layer.weight", "layer.bias"]);
  });

  it("drops the recurrent weights of an LSTM alone, if it is told to", async () => {
    const lstm = new nn.LSTM(2, 8);
    const model = nn.init(new nn.DropConnect(lstm, 0.5, { weights: "weight_hh*" }), { seed: 1 });
    const x = random.seed(4).normal([1, 3, 2]);
    const plain = await lstm.forward(x).output.toArray();
    const first = { axis: 1, stop: 1 };
    const dropped = inTraining(1, () => model.forward(x).output);
    // The first step has no state yet.
    expect(await dropped.slice(first).toArray()).toEqual(await lstm.forward(x).output.slice(first).toArray());
    expect(await dropped.toArray()).not.toEqual(plain);
    expect(await model.forward(x).output.toArray()).toEqual(plain);
  });
});

describe("a mistake with dropout", () => {
  const mistakes: readonly Mistake[] = [
    ["a rate of 1", () => new nn.SpatialDropout(1), /SpatialDropout: rate is 1, expected 0 ≤ rate < 1/],
    ["a rate that is none", () => new nn.AlphaDropout(Number.NaN), /rate is NaN, expected 0 ≤ rate < 1/],
    [
      "maps without channels",
      () => new nn.SpatialDropout(0.5).forward(ones([3])),
      /\[3\], expected \[batch, channels, …\]/,
    ],
    [
      "weights that there are not",
      () => new nn.DropConnect(new nn.Linear(1, 1), 0.5, { weights: "kernel" }),
      /DropConnect: no path matches kernel, expected one of weight, bias/,
    ],
  ];
  refused(mistakes);
});
