import { describe, expect, it } from "vitest";
import { nn, optim, pretrain, random, type Tensor, zeros } from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

const numbers = async (x: Tensor) => Array.from(await x.data(), Number);
const net = () =>
  nn.init(new nn.DeepBelief([new nn.RBM(8, 5), new nn.RBM(5, 3, { hiddenUnits: "gaussian" })]), { seed: 4 });
const v = random.seed(1).uniform([6, 8]).less(0.5).cast("float32");

describe("a deep belief net", () => {
  it("is one machine on another, up and down", async () => {
    const deep = net();
    const [lower, upper] = deep.layers as [nn.RBM, nn.RBM];
    const h = upper.forward(lower.forward(v));
    expect(await numbers(deep.forward(v))).toEqual(await numbers(h));
    expect(await numbers(deep.decode(h))).toEqual(await numbers(lower.visibleGiven(upper.visibleGiven(h))));
    expect(nn.parameters(deep).map(({ path }) => path)).toContain("layers.1.hiddenBias");
  });

  it("unrolls to a net that begins with its features and its reconstructions", async () => {
    const deep = net();
    const head = new nn.Linear(3, 2);
    const classifier = nn.init(nn.unrollEncoder(deep.layers, [head]), { seed: 1 });
    const before = await numbers(deep.forward(v));
    const features = classifier.layers
      .slice(0, -1)
      .reduce<Tensor>(
        (x, layer) =>
          layer instanceof nn.Module ? (layer as nn.Linear).forward(x) : (layer as (x: Tensor) => Tensor)(x),
        v,
      );
    for (const [i, value] of (await numbers(features)).entries()) expect(value).toBeCloseTo(before[i]!, 6);
    expect(classifier.forward(v).shape).toEqual([6, 2]);
    const auto = nn.init(nn.unrollAutoencoder(deep.layers), { seed: 1 });
    const back = await numbers(deep.decode(deep.forward(v)));
    for (const [i, value] of (await numbers(auto.forward(v))).entries()) expect(value).toBeCloseTo(back[i]!, 6);
    // Four layers of weights and biases, apart from those of the stack.
    expect(nn.parameters(auto).length).toBe(8);
  });

  it("trains greedily: each machine on the features of those below, which stay as they are", async () => {
    const deep = net();
    const start = await Promise.all(deep.layers.map(({ weight }) => numbers(weight)));
    const seen: string[] = [];
    let lower: number[] = [];
    for await (const { layer, epoch, step } of pretrain(deep.layers, [v, v], {
      input: (batch) => batch,
      loss: (rbm, x) => rbm.contrastiveDivergence(x),
      optimizer: () => optim.sgd({ rate: 0.1, momentum: 0.5 }),
      epochs: 2,
    })) {
      seen.push(`${layer} ${epoch} ${step}`);
      if (layer === 0) lower = await numbers(deep.layers[0]!.weight);
    }
    expect(seen).toEqual(["0 1 1", "0 1 2", "0 2 3", "0 2 4", "1 1 1", "1 1 2", "1 2 3", "1 2 4"]);
    expect(await numbers(deep.layers[0]!.weight)).toEqual(lower);
    expect(lower).not.toEqual(start[0]);
    expect(await numbers(deep.layers[1]!.weight)).not.toEqual(start[1]);
  });

  it("dreams in the shape of its data, with the samples that its means say", async () => {
    const deep = net();
    const moments = [...deep.dream({ key: random.seed(2), chains: 400, steps: 20, every: 10 })];
    expect(moments.map(({ step }) => step)).toEqual([10, 20]);
    const { visible, mean } = moments[1]!;
    expect([visible.shape, mean.shape]).toEqual([
      [400, 8],
      [400, 8],
    ]);
    const values = await numbers(visible);
    expect(values.every((value) => value === 0 || value === 1)).toBe(true);
    const [drawn, said] = [await visible.mean().item(), await mean.mean().item()];
    expect(drawn).toBeCloseTo(said, 1);
  });

  it("has receptive fields: the weights of the lowest, and products above", async () => {
    const deep = net();
    expect(await numbers(deep.receptiveFields(0, [2, 4]))).toEqual(
      await numbers(deep.layers[0]!.receptiveFields([2, 4])),
    );
    const product = deep.layers[1]!.weight.matmul(deep.layers[0]!.weight);
    expect(deep.receptiveFields(1, [2, 4]).shape).toEqual([3, 2, 4]);
    expect(await numbers(deep.receptiveFields(1, [2, 4]))).toEqual(await numbers(product));
  });
});

const options = {
  input: (x: Tensor) => x,
  loss: (m: nn.RBM, x: Tensor) => m.contrastiveDivergence(x),
  optimizer: () => optim.sgd({ rate: 1 }),
};
const mistakes: Mistake[] = [
  ["no machines", () => new nn.DeepBelief([]), /no machines/],
  [
    "machines that do not fit",
    () => new nn.DeepBelief([new nn.RBM(4, 3), new nn.RBM(2, 2)]),
    /machine 1 has 2 visible units, machine 0 has 3 hidden/,
  ],
  ["a layer that there is not", () => net().receptiveFields(2, [8]), /no layer 2, expected 0 … 1/],
  ["fields of another size", () => net().receptiveFields(0, [3, 3]), /3, 3/],
  ["an empty stack unrolled", () => nn.unrollAutoencoder([]), /unrollAutoencoder: the stack is empty/],
  ["an empty stack trained", () => pretrain([] as nn.RBM[], [v], options).next(), /pretrain: the stack is empty/],
  ["data of another width", () => net().forward(zeros([2, 7])), /\[2, 7\], expected \[n, 8\]/],
];
describe("a mistake with a stack", () => refused(mistakes));
