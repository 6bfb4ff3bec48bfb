import { describe, expect, it } from "vitest";
import {
  accuracy,
  data,
  evaluate,
  full,
  losses,
  nn,
  ones,
  optim,
  random,
  type Tensor,
  TrainingError,
  tanh,
  tensor,
  train,
  valueAndGrad,
} from "../../src/index.ts";
import { modernLeNet } from "../nn/lenet.ts";

const xor = {
  x: tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]),
  y: tensor([[0], [1], [1], [0]]),
};

class Net extends nn.Module {
  readonly hidden = new nn.Linear(2, 8);
  readonly output = new nn.Linear(8, 1);
  forward(x: Tensor) {
    return this.output.forward(tanh(this.hidden.forward(x)));
  }
}

const squared = (model: Net, batch: typeof xor) => losses.squaredError(model.forward(batch.x), batch.y);

async function collect<T>(steps: AsyncIterable<T>, most = Number.POSITIVE_INFINITY): Promise<T[]> {
  const list: T[] = [];
  for await (const step of steps) if (list.push(step) >= most) break;
  return list;
}

describe("train", () => {
  it("learns XOR", async () => {
    const model = nn.init(new Net(), { seed: 1 });
    const steps = await collect(
      train(model, [xor], { loss: squared, optimizer: optim.adam({ rate: 0.05 }), epochs: 300 }),
    );
    expect(steps.length).toBe(300);
    expect(steps.at(-1)).toMatchObject({ epoch: 300, step: 300, rate: 0.05 });
    expect(steps.at(-1)!.loss).toBeLessThan(1e-3);
  });

  it("gives out every n-th step with the mean loss since the one before", async () => {
    const run = async (every: number) => {
      const model = nn.init(new Net(), { seed: 1 });
      return collect(train(model, [xor], { loss: squared, optimizer: optim.sgd({ rate: 0.1 }), epochs: 10, every }));
    };
    const [all, some] = [await run(1), await run(5)];
    expect(some.map(({ step }) => step)).toEqual([5, 10]);
    const mean = all.slice(5).reduce((sum, { loss }) => sum + loss, 0) / 5;
    expect(some[1]!.loss).toBeCloseTo(mean, 12);
  });

  it("gives out the last step whatever the rhythm", async () => {
    const model = nn.init(new Net(), { seed: 1 });
    const steps = await collect(
      train(model, [xor, xor, xor], { loss: squared, optimizer: optim.sgd({ rate: 0.1 }), epochs: 1, every: 2 }),
    );
    expect(steps.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 2],
      [1, 3],
    ]);
  });

  it("goes on with the next epoch's order and fresh random numbers when called again", async () => {
    const set = new data.Dataset({
      i: { values: Float32Array.from({ length: 8 }, (_, i) => i), shape: [], dtype: "float32" },
    });
    const batches = set.batches({ size: 4, shuffle: random.seed(1) });
    const dropout = new nn.Dropout(0.5);
    const seen: string[] = [];
    const run = async (optimizer: optim.Optimizer, epochs: number) => {
      const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
      const loss = (m: nn.Linear, { i }: { i: Tensor }) => {
        seen.push(`${String(i)} ${String(dropout.forward(tensor(new Array(64).fill(1))))}`);
        return m.forward(i.expandDims(1)).square().mean();
      };
      await collect(train(model, batches, { loss, optimizer, epochs }));
    };
    const optimizer = optim.sgd({ rate: 1e-3 });
    await run(optimizer, 1);
    await run(optimizer, 1);
    const twice = seen.splice(0);
    await run(optim.sgd({ rate: 1e-3 }), 2);
    expect(twice).toEqual(seen);
    expect(new Set(twice).size).toBe(4);
  });

  it("counts the passes it makes where it goes on with fewer batches", async () => {
    const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
    const batch = { x: ones([2, 1]), y: ones([2, 1]) };
    const options = {
      loss: (m: nn.Linear, b: typeof batch) => losses.squaredError(m.forward(b.x), b.y),
      optimizer: optim.sgd({ rate: 0.1 }),
      epochs: 2,
    };
    let made = 0;
    for await (const _ of train(model, [batch, batch, batch], options)) if (++made === 2) break;
    // The first pass stopped after two batches; of one there is nothing left.
    const epochs: number[] = [];
    for await (const { epoch } of train(model, [batch], options)) epochs.push(epoch);
    expect(epochs).toEqual([2, 3]);
    expect(options.optimizer.epoch).toBe(3);
  });

  it("refuses passes that cannot be counted, and makes none if none are left", async () => {
    const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
    const options = { loss: (m: nn.Linear, x: Tensor) => m.forward(x).sum(), optimizer: optim.sgd({ rate: 0.1 }) };
    for (const epochs of [Number.NaN, -1, 1.5])
      await expect(train(model, [ones([1, 1])], { ...options, epochs }).next()).rejects.toThrow(
        `train: epochs is ${epochs}, expected a whole number of 0 or more, or Infinity.`,
      );
    expect(await train(model, [ones([1, 1])], { ...options, epochs: 0 }).next()).toEqual({
      done: true,
      value: undefined,
    });
  });

  it("refuses a loss on which no parameter has an influence, and one that is no tensor", async () => {
    const model = nn.init(new Net(), { seed: 1 });
    const attempt = (loss: (m: Net, b: typeof xor) => Tensor) =>
      collect(train(model, [xor], { loss, optimizer: optim.sgd({ rate: 1 }) }));
    await expect(attempt((m, { x, y }) => m.forward(x).sub(y).argmax(0).cast("float32").mean())).rejects.toThrow(
      "grad: no parameter of Net has an influence on the value.",
    );
    await expect(attempt((async () => tensor(0)) as never)).rejects.toThrow(
      "grad: the function returned a promise, expected a tensor.",
    );
    await expect(attempt((() => {}) as never)).rejects.toThrow(
      "grad: the function returned nothing, expected a tensor.",
    );
  });

  it("refuses a gradient that is not finite before it reaches the parameters", async () => {
    const model = nn.init(new Net(), { seed: 1 });
    const before = await model.hidden.weight.data();
    const loss = (m: Net, { x }: typeof xor) => m.forward(x).sub(m.forward(x)).abs().sqrt().mean();
    await expect(collect(train(model, [xor], { loss, optimizer: optim.sgd({ rate: 1 }) }))).rejects.toThrow(
      /^train: the loss is 0 at step 1, but its gradient is not finite\. First in the derivative of sqrt, from numbers in 0 … 0\.25, and NaN came of it in mul\. The nearest parameter is output\.bias\. The parameters are those of step 0\./,
    );
    expect(await model.hidden.weight.data()).toEqual(before);
  });

  it("stops at break with the model trained so far, and goes on from there", async () => {
    const model = nn.init(new Net(), { seed: 1 });
    const optimizer = optim.sgd({ rate: 0.1, momentum: 0.9 });
    const options = { loss: squared, optimizer, epochs: 10 };
    await collect(train(model, [xor], options), 4);
    expect(optimizer.step).toBe(4);
    await collect(train(model, [xor], options), 6);
    const whole = nn.init(new Net(), { seed: 1 });
    await collect(train(whole, [xor], { ...options, optimizer: optim.sgd({ rate: 0.1, momentum: 0.9 }) }));
    expect(await model.hidden.weight.data()).toEqual(await whole.hidden.weight.data());
  });

  it("ends with an error and keeps the model when the notebook's signal is raised", async () => {
    const controller = new AbortController();
    const key = Symbol.for("Jupyter.signal");
    const place = globalThis as { [key: symbol]: unknown };
    place[key] = controller.signal;
    try {
      const model = nn.init(new Net(), { seed: 1 });
      const before = await model.hidden.weight.data();
      const optimizer = optim.sgd({ rate: 0.1 });
      const interrupted = async () => {
        for await (const { step } of train(model, [xor], { loss: squared, optimizer, epochs: 100 }))
          if (step === 3) controller.abort();
      };
      await expect(interrupted()).rejects.toThrow(/abort/i);
      expect(optimizer.step).toBe(3);
      expect(await model.hidden.weight.data()).not.toEqual(before);
    } finally {
      delete place[key];
    }
  });

  it("lets timers run while it works", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    const model = nn.init(new Net(), { seed: 1 });
    const began = performance.now();
    for await (const _ of train(model, [xor], { loss: squared, optimizer: optim.sgd({ rate: 0.1 }), epochs: 1e6 }))
      if (ticks > 2 || performance.now() - began > 30_000) break;
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(2);
  });

  it("says at which step the loss was lost, and where first", async () => {
    const model = nn.init(new Net(), { seed: 1 });
    const explode = train(model, [xor], {
      loss: (m, batch) => squared(m, batch).log().mul(Number.NaN),
      optimizer: optim.sgd({ rate: 0.1 }),
    });
    await expect(collect(explode)).rejects.toThrow(TrainingError);
    await expect(
      collect(
        train(model, [xor], { loss: (m, b) => squared(m, b).mul(Number.NaN), optimizer: optim.sgd({ rate: 1 }) }),
      ),
    ).rejects.toThrow(
      /^train: the loss became NaN at step 1\. A number, given to mul, is itself not finite\. The parameters are those of step 0\./,
    );
  });

  it("refuses to train on nothing", async () => {
    const model = nn.init(new Net(), { seed: 1 });
    await expect(
      collect(train(model, [] as (typeof xor)[], { loss: squared, optimizer: optim.sgd({ rate: 1 }) })),
    ).rejects.toThrow("train: epoch 1 has no batches, expected at least one.");
  });
});

describe("LeNet-5 on MNIST", () => {
  const learn = async () => {
    const { train: digits, test } = await data.mnist();
    const model = nn.init(modernLeNet(), { seed: 1998 });
    const steps = await collect(
      train(model, digits.slice(0, 12_800).batches({ size: 64, shuffle: random.seed(1) }), {
        loss: (m, { image, label }) => losses.crossEntropy(m.forward(image), label),
        optimizer: optim.sgd({ rate: 0.05, momentum: 0.9 }),
      }),
    );
    const right = await evaluate(model, test.slice(0, 2000).batches({ size: 500 }), (m, { image, label }) =>
      accuracy(m.forward(image), label),
    );
    return { model, steps, right };
  };

  it("learns in 200 steps, and the same seed gives the same bits", async () => {
    const [a, b] = [await learn(), await learn()];
    expect(a.right).toBeGreaterThan(0.9);
    expect(a.steps.map(({ loss }) => loss)).toEqual(b.steps.map(({ loss }) => loss));
    for (const [i, { path, get }] of nn.parameters(a.model).entries())
      expect(await get().data(), path).toEqual(await nn.parameters(b.model)[i]!.get().data());
  }, 300_000);
});

describe("optimisers", () => {
  it("save their state and go on from it exactly", async () => {
    const run = async (resume: boolean) => {
      const model = nn.init(new Net(), { seed: 1 });
      let optimizer = optim.adam({ rate: 0.01 });
      await collect(train(model, [xor], { loss: squared, optimizer, epochs: 5 }));
      if (resume) {
        const saved = optimizer.state();
        optimizer = optim.adam({ rate: 0.01 });
        optimizer.load(saved);
      }
      await collect(train(model, [xor], { loss: squared, optimizer, epochs: 5 }));
      return model.output.weight.data();
    };
    expect(await run(true)).toEqual(await run(false));
  });

  it("refuse a second model in the middle of the first", () => {
    const optimizer = optim.sgd({ rate: 0.1, momentum: 0.9 });
    const step = (model: nn.Linear) => {
      const { gradient } = valueAndGrad(model, (m) => m.forward(full([1, model.weight.shape[1]!], 1)).sum());
      optimizer.update(model, gradient);
    };
    step(nn.init(new nn.Linear(1, 1), { seed: 1 }));
    expect(() => step(nn.init(new nn.Linear(3, 1), { seed: 1 }))).toThrow(
      "sgd: what is remembered for weight is [1, 1], the parameter is [1, 3]. One optimiser serves one model: make a new one.",
    );
  });

  it("refuse a rate that is no step", () => {
    expect(() => optim.sgd({ lr: 0.1 } as never)).toThrow(
      "sgd: rate is undefined, expected a number or a function of the step. sgd({ rate: 0.01 }).",
    );
    expect(() => optim.sgd({ rate: 0 })).toThrow("sgd: rate is 0, expected a positive number that is finite.");
  });
});
