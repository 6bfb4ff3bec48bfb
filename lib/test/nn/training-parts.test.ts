import { describe, expect, it } from "vitest";
import { losses, nn, optim, random, type Tensor, tensor, train, valueAndGrad } from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

class Net extends nn.Module {
  readonly encoder = new nn.Sequential([new nn.Linear(3, 4), new nn.BatchNorm1d(4)]);
  readonly head = new nn.Linear(4, 2);
  forward(x: Tensor): Tensor {
    return this.head.forward(this.encoder.forward(x));
  }
}

const x = random.seed(1).normal([8, 3]);
const fresh = () => nn.init(new Net(), { seed: 1 });
const loss = (model: Net, batch: Tensor) => model.forward(batch).square().mean();
const values = async (model: nn.Module) =>
  new Map(await Promise.all(nn.state(model).map(async ({ path, get }) => [path, await get().toArray()] as const)));

async function trained<M extends nn.Module>(
  model: M,
  f: (model: M, batch: Tensor) => Tensor,
  more: { constraints?: Readonly<Record<string, nn.Constraint>>; optimizer?: optim.Optimizer } = {},
): Promise<M> {
  const batches = [x, x, x];
  for await (const _ of train(model, batches, {
    loss: f,
    optimizer: optim.sgd({ rate: 0.5, momentum: 0.9 }),
    ...more,
  }));
  return model;
}

describe("frozen parameters", () => {
  it("have no gradient and no memory, and stay, with the running statistics beside them", async () => {
    const model = nn.freeze(fresh(), "encoder");
    const before = await values(model);
    const { gradient } = valueAndGrad(model, (m) => loss(m, x));
    expect([...gradient.keys()]).toEqual(["head.weight", "head.bias"]);
    const optimizer = optim.adam({ rate: 0.1 });
    await trained(model, loss, { optimizer });
    expect([...optimizer.state().tensors.keys()].filter((path) => path.startsWith("encoder"))).toEqual([]);
    const after = await values(model);
    for (const [path, value] of before) {
      if (path.startsWith("encoder")) expect(after.get(path), path).toEqual(value);
      else expect(after.get(path), path).not.toEqual(value);
    }
  });

  it("normalise as outside of training where their statistics are frozen, too", async () => {
    const model = nn.freeze(fresh(), "encoder");
    const inTraining = nn.training(random.seed(1), () => model.forward(x));
    expect(await inTraining.toArray()).toEqual(await model.forward(x).toArray());
    nn.unfreeze(model, "*.running_mean");
    expect(await nn.training(random.seed(1), () => model.forward(x)).toArray()).not.toEqual(await inTraining.toArray());
  });

  it("train again when they are let go", async () => {
    const model = nn.freeze(fresh());
    expect(nn.parameters(model).every(({ frozen }) => frozen)).toBe(true);
    nn.unfreeze(model, /bias$/);
    expect(
      nn
        .parameters(model)
        .filter(({ frozen }) => !frozen)
        .map(({ path }) => path),
    ).toEqual(["encoder.0.bias", "encoder.1.bias", "head.bias"]);
    const before = (await values(model)).get("head.bias");
    expect((await values(await trained(model, loss))).get("head.bias")).not.toEqual(before);
  });

  it("stay shared: one path is enough to freeze what is in several places", () => {
    class Tied extends nn.Module {
      readonly a = new nn.Linear(2, 2);
      readonly b = new nn.Linear(2, 2);
      constructor() {
        super();
        (this.b as { weight: Tensor }).weight = this.a.weight;
      }
    }
    const model = nn.freeze(nn.init(new Tied(), { seed: 1 }), "b.weight");
    expect(
      nn
        .parameters(model)
        .filter(({ frozen }) => frozen)
        .map(({ path }) => path),
    ).toEqual(["a.weight", "b.weight"]);
  });
});

describe("shared modules and parameters", () => {
  class Twice extends nn.Module {
    readonly first = new nn.Linear(3, 3);
    readonly again = this.first;
    readonly decoder = nn.parameter([3, 3], nn.onesInit);
    constructor() {
      super();
      (this as { decoder: Tensor }).decoder = this.first.weight;
    }
    forward(input: Tensor): Tensor {
      return this.again.forward(this.first.forward(input)).matmul(this.decoder);
    }
  }

  it("are one variable, moved once, saved once, and stay shared", async () => {
    const model = nn.init(new Twice(), { seed: 1 });
    const { gradient } = valueAndGrad(model, (m) => m.forward(x).square().sum());
    expect([...gradient.keys()].sort()).toEqual(["decoder", "first.bias"]);
    await trained(model, (m, batch) => m.forward(batch).square().mean());
    expect(model.decoder).toBe(model.first.weight);
    expect(nn.state(model).map(({ path }) => path)).toEqual(["decoder", "first.bias"]);
  });

  it("take values under any of their paths, as files of PyTorch's have all of them", async () => {
    const model = nn.init(new Twice(), { seed: 1 });
    const [weight, bias] = [random.seed(2).normal([3, 3]), random.seed(3).normal([3])];
    const both = ["first", "again"].flatMap((path) => [
      [`${path}.weight`, weight] as const,
      [`${path}.bias`, bias] as const,
    ]);
    nn.loadState(model, new Map<string, Tensor>(both));
    expect(await model.decoder.toArray()).toEqual(await weight.toArray());
    expect(model.decoder).toBe(model.again.weight);
  });
});

describe("constraints", () => {
  it("hold after every step of train", async () => {
    const model = nn.init(new nn.Linear(3, 4), { seed: 1 });
    const f = (m: nn.Linear, batch: Tensor) => m.forward(batch).mul(-10).mean();
    const longest = async (m: nn.Linear) => Math.max(...(await m.weight.norm({ axis: 1 }).data()));
    expect(await longest(await trained(nn.init(new nn.Linear(3, 4), { seed: 1 }), f))).toBeGreaterThan(1);
    await trained(model, f, { constraints: { weight: nn.maxNorm(0.5), bias: nn.nonNegative() } });
    expect(await longest(model)).toBeLessThanOrEqual(0.500001);
    expect(Math.min(...(await model.bias!.data()))).toBeGreaterThanOrEqual(0);
  });

  it("leave alone what is allowed, and make lengths what they say", async () => {
    const w = tensor([
      [3, 4],
      [0.3, 0.4],
      [0, 0],
    ]);
    const close = async (got: Tensor, expected: number[]) =>
      (await got.data()).forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 6);
      });
    await close(nn.maxNorm(1)(w), [0.6, 0.8, 0.3, 0.4, 0, 0]);
    await close(nn.unitNorm()(w), [0.6, 0.8, 0.6, 0.8, 0, 0]);
    await close(nn.nonNegative()(tensor([-1, 2])), [0, 2]);
    await close(nn.maxNorm(2)(tensor([-3, 1])), [-2, 1]);
  });

  it("hold filters to a length over all their places", async () => {
    const w = nn.maxNorm(1)(random.seed(1).normal([2, 3, 3, 3]));
    for (const length of await w.norm({ axis: [1, 2, 3] }).data()) expect(length).toBeCloseTo(1, 5);
  });
});

describe("constraints and penalties", () => {
  it("leave out what is frozen, and do not miss it", async () => {
    const model = nn.freeze(nn.init(new nn.Linear(2, 3), { seed: 1 }), "weight");
    const before = await model.weight.data();
    nn.constrain(model, { "*.weight": nn.unitNorm() });
    expect(await model.weight.data()).toEqual(before);
    expect(await nn.penalty(model, { "*.weight": nn.l2(1) }).item()).toBe(0);
  });
});

describe("penalties", () => {
  it("are what they say, by pattern, with their gradient", async () => {
    const model = nn.init(new nn.Linear(2, 1), { seed: 1 });
    const [w] = [await model.weight.data()];
    const cost = nn.penalty(model, { weight: nn.l2(0.1), bias: nn.l1(2) });
    const expected = 0.1 * (w[0]! ** 2 + w[1]! ** 2) + 2 * Math.abs((await model.bias!.data())[0]!);
    expect(await cost.item()).toBeCloseTo(expected, 6);
    const { gradient } = valueAndGrad(model, (m) =>
      losses
        .squaredError(m.forward(tensor([[0, 0]])), m.forward(tensor([[0, 0]])))
        .add(nn.penalty(m, { weight: nn.l2(0.1) })),
    );
    expect((await gradient.get("weight")!.data())[0]).toBeCloseTo(0.2 * w[0]!, 6);
  });
});

describe("a mistake in parts of training", () => {
  const model = fresh();
  const mistakes: readonly Mistake[] = [
    [
      "freezing nothing",
      () => nn.freeze(model, "encodr"),
      /no path matches encodr, expected one of encoder\.0\.weight/,
    ],
    ["unfreezing nothing", () => nn.unfreeze(model, /^bias$/), /no path matches \/\^bias\$\/, expected one of/],
    ["a constraint on nothing", () => nn.constrain(model, { w: nn.unitNorm() }), /nn\.constrain: no path matches w,/],
    ["a penalty on nothing", () => nn.penalty(model, { "*.kernel": nn.l1(1) }), /nn\.penalty: no path matches/],
    ["a length of nothing", () => nn.maxNorm(0), /limit is 0, expected a positive number/],
    [
      "a batch of one",
      () => nn.training(random.seed(1), () => model.forward(x.slice({ axis: 0, stop: 1 }))),
      /\[1, 4\] has one value for each channel, expected more/,
    ],
    [
      "channels that there are not",
      () => new nn.BatchNorm2d(3).forward(x),
      /the input is \[8, 3\], expected \[batch, 3, height, width\]/,
    ],
    [
      "an image alone",
      () => new nn.BatchNorm2d(3).forward(random.seed(1).normal([3, 4, 4])),
      /expected \[batch, 3, height, width\]\. One example as a batch: x\.expandDims\(0\)/,
    ],
    ["a momentum of 2", () => new nn.BatchNorm1d(3, { momentum: 2 }), /momentum is 2, expected 0 … 1, or null/],
    ["an epsilon of 0", () => new nn.GroupNorm(1, 2, { epsilon: 0 }), /epsilon is 0, expected a positive number/],
    [
      "groups that do not divide",
      () => new nn.GroupNorm(3, 4),
      /4 channels do not divide into 3 groups, expected a multiple/,
    ],
    ["an even window", () => new nn.LocalContrastNorm(4), /size is 4, expected an odd number/],
    [
      "sizes that are not at the end",
      () => new nn.RMSNorm([4, 5]).forward(x),
      /the input is \[8, 3\], expected it to end in \[4, 5\]/,
    ],
  ];
  refused(mistakes);
});
