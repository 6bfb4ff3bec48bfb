import { describe, expect, it } from "vitest";
import {
  Best,
  data,
  evaluate,
  findRate,
  losses,
  nn,
  ones,
  optim,
  random,
  runCard,
  type Step,
  sweep,
  type Tensor,
  TrainingError,
  tanh,
  tensor,
  train,
} from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

class Net extends nn.Module {
  readonly hidden = new nn.Linear(3, 8);
  readonly drop = new nn.Dropout(0.2);
  readonly norm = new nn.BatchNorm1d(8);
  readonly output = new nn.Linear(8, 1);
  forward(x: Tensor): Tensor {
    return this.output.forward(this.drop.forward(this.norm.forward(tanh(this.hidden.forward(x)))));
  }
}

class Plain extends nn.Module {
  readonly hidden = new nn.Linear(3, 8);
  readonly output = new nn.Linear(8, 1);
  forward(x: Tensor): Tensor {
    return this.output.forward(tanh(this.hidden.forward(x)));
  }
}

const n = 24;
const values = random.seed(3).normal([n, 3]);
const made = async () => {
  const x = Float32Array.from(await values.data());
  const y = Float32Array.from({ length: n }, (_, i) => x[3 * i]! - 2 * x[3 * i + 1]! * x[3 * i + 2]!);
  return new data.Dataset({
    x: { values: x, shape: [3], dtype: "float32" },
    y: { values: y, shape: [1], dtype: "float32" },
  });
};
type Batch = { readonly x: Tensor; readonly y: Tensor };
const squared = (m: { forward(x: Tensor): Tensor }, { x, y }: Batch) => losses.squaredError(m.forward(x), y);

async function collect(steps: AsyncIterable<Step>, most = Number.POSITIVE_INFINITY): Promise<Step[]> {
  const list: Step[] = [];
  for await (const step of steps) if (list.push(step) >= most) break;
  return list;
}

const bits = async (model: nn.Module) =>
  Object.fromEntries(await Promise.all(nn.state(model).map(async ({ path, get }) => [path, await get().data()])));

describe("training that is stopped, saved, loaded and resumed", () => {
  it.each([1, 3, 4, 6, 7])("after %i of 8 updates is the same bit for bit", async (stopAt) => {
    const set = await made();
    const make = () => {
      const model = nn.init(new Net(), { seed: 1 });
      const rate = optim.warmUp({ steps: 3, into: optim.cosine({ rate: 0.05, steps: 5 }) });
      const optimizer = optim.adamw({ rate, amsgrad: true, groups: { "*.bias": { weightDecay: 0 } } });
      return { model, optimizer, average: optim.movingAverage({ decay: 0.9 }), best: new Best() };
    };
    const run = async (parts: ReturnType<typeof make>, most?: number) => {
      const { model, optimizer } = parts;
      const batches = set.batches({ size: 6, shuffle: random.seed(2) });
      const measure = (m: Net) => evaluate(m, batches, squared);
      const options = { loss: squared, key: random.seed(5), measure, clipNorm: 1, ...parts };
      return collect(train(model, batches, { ...options, epochs: 2 - optimizer.epoch }), most);
    };
    const whole = make();
    const all = await run(whole);
    const first = make();
    const before = await run(first, stopAt);
    const second = make();
    nn.loadState(second.model, new Map(nn.state(first.model).map(({ path, get }) => [path, get()])));
    second.optimizer.load(first.optimizer.state());
    second.average.load(first.average.state());
    second.best.load(first.best.state());
    const after = await run(second);
    expect([...before, ...after].map(({ loss, step, epoch, measured }) => [loss, step, epoch, measured])).toEqual(
      all.map(({ loss, step, epoch, measured }) => [loss, step, epoch, measured]),
    );
    expect(await bits(second.model)).toEqual(await bits(whole.model));
    expect(await second.average.using(second.model, () => bits(second.model))).toEqual(
      await whole.average.using(whole.model, () => bits(whole.model)),
    );
  });
});

describe("train", () => {
  it("accumulates the mean gradient of batches: two halves are one whole", async () => {
    const set = await made();
    const run = async (size: number, accumulate: number) => {
      const model = nn.init(new Plain(), { seed: 1 });
      const optimizer = optim.sgd({ rate: 0.1 });
      const steps = await collect(
        train(model, set.batches({ size }), { loss: squared, optimizer, accumulate, epochs: 2 }),
      );
      return { steps, weights: await model.hidden.weight.data() };
    };
    const [whole, halves] = [await run(12, 1), await run(6, 2)];
    expect(halves.steps.length).toBe(whole.steps.length);
    halves.steps.forEach(({ loss, gradNorm }, i) => {
      expect(loss).toBeCloseTo(whole.steps[i]!.loss, 5);
      expect(gradNorm).toBeCloseTo(whole.steps[i]!.gradNorm, 5);
    });
    whole.weights.forEach((value, i) => {
      expect(halves.weights[i]!).toBeCloseTo(value, 5);
    });
    // What is left over at the end of a pass makes an update, too.
    expect((await run(6, 3)).steps.length).toBe(4);
  });

  it("clips what it steps along and reports what it found", async () => {
    const model = nn.init(new nn.Linear(2, 1), { seed: 1, initialisers: { "*": nn.zerosInit } });
    const loss = (m: nn.Linear, x: Tensor) => m.forward(x).sum();
    const x = tensor([[30, 40]]);
    const [step] = await collect(train(model, [x], { loss, optimizer: optim.sgd({ rate: 1 }), clipNorm: 5 }));
    expect(step!.gradNorm).toBeCloseTo(Math.sqrt(2501), 3);
    const [a, b] = await model.weight.data();
    expect([a! / 30, b! / 40]).toEqual([
      expect.closeTo(-5 / Math.sqrt(2501), 5),
      expect.closeTo(-5 / Math.sqrt(2501), 5),
    ]);
    await collect(train(model, [x], { loss, optimizer: optim.sgd({ rate: 1 }), clipValue: 2 }));
    expect((await model.weight.data())[0]! - a!).toBeCloseTo(-2, 5);
  });

  it("stops when the measure no longer improves, and brings the best parameters back", async () => {
    const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
    const best = new Best({ patience: 2 });
    const measures = [5, 3, 4, 4, 1];
    const weights: number[] = [];
    const measure = async (m: nn.Linear) => {
      weights.push(await m.weight.item());
      return measures[weights.length - 1]!;
    };
    const loss = (m: nn.Linear, x: Tensor) => m.forward(x).square().mean();
    const options = { loss, optimizer: optim.sgd({ rate: 0.01 }), epochs: 5, every: 100, measure, best };
    const steps = await collect(train(model, [ones([1, 1]), ones([1, 1])], options));
    expect(steps.map(({ step, measured }) => [step, measured])).toEqual([
      [2, 5],
      [4, 3],
      [6, 4],
      [8, 4],
    ]);
    expect([best.value, best.epoch]).toEqual([3, 2]);
    expect(await model.weight.item()).toBe(weights[1]);
  });

  it("feeds a rate that falls on a plateau", async () => {
    const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
    const rate = optim.reduceOnPlateau({ rate: 0.1, factor: 0.5, patience: 1 });
    const loss = (m: nn.Linear, x: Tensor) => m.forward(x).square().mean();
    const rates: number[] = [];
    const options = { loss, optimizer: optim.sgd({ rate }), epochs: 5, measure: () => 1 };
    for await (const step of train(model, [ones([1, 1])], options)) {
      rates.push(step.rate);
      rate.observe(step.measured!);
    }
    expect(rates).toEqual([0.1, 0.1, 0.1, 0.05, 0.05]);
  });

  it("takes batches that arrive by promise", async () => {
    const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
    const stream = {
      async *[Symbol.asyncIterator]() {
        yield ones([1, 1]);
        yield ones([2, 1]);
      },
    };
    const loss = (m: nn.Linear, x: Tensor) => m.forward(x).square().mean();
    const steps = await collect(train(model, stream, { loss, optimizer: optim.sgd({ rate: 0.01 }), epochs: 2 }));
    expect(steps.map(({ epoch }) => epoch)).toEqual([1, 1, 2, 2]);
  });

  it("names the micro-batch's own fault", async () => {
    const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
    const loss = (m: nn.Linear, { x }: { x: Tensor }) => m.forward(x).sum();
    const batches = [{ x: ones([1, 1]) }, { x: tensor([[Number.POSITIVE_INFINITY]]) }];
    const steps = train(model, batches, { loss, optimizer: optim.sgd({ rate: 0.01 }), accumulate: 2 });
    await expect(collect(steps)).rejects.toThrow(
      /The batch's x \[1, 1\], given to \w+ of Linear, is itself not finite/,
    );
  });
});

describe("findRate", () => {
  it("suggests a rate that trains, and leaves the model as it was", async () => {
    const set = await made();
    const model = nn.init(new Plain(), { seed: 1 });
    const before = await bits(model);
    const curve = await findRate(model, set.batches({ size: 6, shuffle: random.seed(1) }), {
      loss: squared,
      optimizer: (rate) => optim.sgd({ rate }),
      to: 100,
    });
    expect(await bits(model)).toEqual(before);
    expect(curve.suggestion).toBeGreaterThan(1e-3);
    expect(curve.suggestion).toBeLessThan(3);
    const optimizer = optim.sgd({ rate: curve.suggestion });
    const steps = await collect(train(model, set.batches({ size: 6 }), { loss: squared, optimizer, epochs: 10 }));
    expect(steps.at(-1)!.loss).toBeLessThan(steps[0]!.loss);
  });
});

describe("sweep", () => {
  it("tries all of a grid with each seed, and goes on after a training that fails", async () => {
    const rows = [];
    const space = { rate: [0.1, 1], kind: ["a", "b"] } as const;
    const run = async ({ rate, kind, seed }: { rate: number; kind: string; seed: number }) => {
      if (rate === 1 && kind === "b") throw new TrainingError("train", "the loss became NaN.");
      return { error: rate * seed };
    };
    for await (const row of sweep(space, run, { seeds: [1, 2] })) rows.push(row);
    expect(rows.map(({ trial, rate, kind, seed, error }) => [trial, rate, kind, seed, error])).toEqual([
      [1, 0.1, "a", 1, 0.1],
      [2, 0.1, "a", 2, 0.2],
      [3, 0.1, "b", 1, 0.1],
      [4, 0.1, "b", 2, 0.2],
      [5, 1, "a", 1, 1],
      [6, 1, "a", 2, 2],
      [7, 1, "b", 1, undefined],
      [8, 1, "b", 2, undefined],
    ]);
    expect(rows[7]!.failed).toMatch(/NaN/);
  });

  it("draws trials from ranges by a key, the same for the same key", async () => {
    const space = { rate: { from: 1e-4, to: 1, log: true }, width: { from: 3, to: 5, whole: true }, kind: ["a", "b"] };
    const run = async (key: random.Key) => {
      const rows = [];
      for await (const row of sweep(space, async () => ({}), { trials: 200, key })) rows.push(row);
      return rows.map(({ rate, width, kind }) => ({ rate, width, kind }));
    };
    const rows = await run(random.seed(1));
    expect(rows).toEqual(await run(random.seed(1)));
    expect(rows).not.toEqual(await run(random.seed(2)));
    expect(new Set(rows.map(({ width }) => width))).toEqual(new Set([3, 4, 5]));
    // Half of the draws below the geometric mean.
    const low = rows.filter(({ rate }) => rate < 1e-2).length;
    expect(low).toBeGreaterThan(70);
    expect(low).toBeLessThan(130);
  });
});

describe("a run card", () => {
  it("tells the commit, the model, the optimiser and a checksum of the data", async () => {
    const set = await made();
    const model = nn.init(new nn.Linear(2, 3), { seed: 1 });
    const card = runCard({ seed: 1 }, { model, optimizer: optim.adam(), data: { train: set } });
    expect(card).toMatchObject({
      seed: 1,
      model: "Linear(2 → 3), 9 numbers",
      optimizer: "adam, rate 0.001, step 0, epoch 0",
    });
    expect(card["data train"]).toMatch(/^24 examples, sha256 [0-9a-f]{16}$/);
    expect(card["data train"]).toBe(runCard({}, { data: { train: await made() } })["data train"]);
  });
});

const line = nn.init(new nn.Linear(1, 1), { seed: 1 });
const options = { loss: (m: nn.Linear, x: Tensor) => m.forward(x).sum(), optimizer: optim.sgd({ rate: 1e-3 }) };
describe("a mistake in training", () =>
  refused([
    [
      "thinning to nothing",
      () => collect(train(line, [ones([1, 1])], { ...options, every: 0 })),
      /every is 0, expected/,
    ],
    [
      "accumulating nothing",
      () => collect(train(line, [ones([1, 1])], { ...options, accumulate: 0 })),
      /accumulate is 0/,
    ],
    ["clipping to nothing", () => collect(train(line, [ones([1, 1])], { ...options, clipNorm: 0 })), /the limit is 0/],
    [
      "the best of no measure",
      () => collect(train(line, [ones([1, 1])], { ...options, best: new Best() })),
      /best has nothing to go by/,
    ],
    ["no patience", () => new Best({ patience: 0 }), /patience is 0, expected 1 or more/],
    [
      "rates that fall",
      () => findRate(line, [ones([1, 1])], { ...options, optimizer: (rate) => optim.sgd({ rate }), from: 1, to: 0.1 }),
      /rates from 1 to 0\.1, expected 0 < from < to/,
    ],
    [
      "too few rates",
      () => findRate(line, [ones([1, 1])], { ...options, optimizer: (rate) => optim.sgd({ rate }), steps: 2 }),
      /steps is 2/,
    ],
    [
      "a grid over a range",
      () => sweep({ rate: { from: 0, to: 1 } }, async () => ({})).next(),
      /rate is a range, expected values for a grid/,
    ],
    [
      "a logarithmic range from 0",
      () => sweep({ rate: { from: 0, to: 1, log: true } }, async () => ({}), { trials: 1 }).next(),
      /rate ranges from 0 to 1/,
    ],
    [
      "no trials",
      () => sweep({ rate: [1] }, async () => ({}), { trials: 0 }).next(),
      /trials is 0, expected a positive integer/,
    ],
    ["a parameter without values", () => sweep({ rate: [] }, async () => ({})).next(), /rate has no values/],
  ]));
