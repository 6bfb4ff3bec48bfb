import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type DeviceName,
  data,
  device,
  flatten,
  losses,
  nn,
  optim,
  random,
  scope,
  type Tensor,
  tanh,
  tensor,
  train,
  valueAndGrad,
} from "../../../src/index.ts";
import { gpu } from "./adapter.ts";

afterEach(() => device("cpu"));

/** The losses of a training that `make` sets up, on a device. */
async function curve<B>(
  name: DeviceName,
  steps: number,
  make: () => { model: nn.Module; batches: Iterable<B>; loss: (batch: B) => Tensor; optimizer: optim.Optimizer },
): Promise<number[]> {
  await device(name);
  const { model, batches, loss, optimizer } = make();
  const found: number[] = [];
  for await (const step of train(model, batches, { loss: (_, batch) => loss(batch), optimizer, epochs: Infinity })) {
    found.push(step.loss);
    if (found.length === steps) break;
  }
  return found;
}

async function sameCurve<B>(steps: number, make: Parameters<typeof curve<B>>[2]): Promise<number[]> {
  const slow = await curve("cpu", steps, make);
  const fast = await curve("gpu", steps, make);
  fast.forEach((loss, i) => {
    expect(Math.abs(loss - slow[i]!)).toBeLessThanOrEqual(1e-3 * Math.max(1, slow[i]!));
  });
  return fast;
}

describe.skipIf(gpu === null)("training on the gpu device", { timeout: 600_000 }, () => {
  let digits: Awaited<ReturnType<typeof data.mnist>>["train"];
  beforeAll(async () => {
    digits = (await data.mnist()).train;
  });

  it("takes LeNet-5 the way it goes on the CPU, 200 steps on MNIST", async () => {
    const found = await sameCurve(200, () => {
      const model = nn.init(
        new nn.Sequential([
          new nn.Conv2d(1, 6, 5, { padding: 2 }),
          tanh,
          new nn.AvgPool2d(2),
          new nn.Conv2d(6, 16, 5),
          tanh,
          new nn.MaxPool2d(2),
          (x) => flatten(x, 1),
          new nn.Linear(400, 120),
          tanh,
          new nn.Linear(120, 84),
          tanh,
          new nn.Linear(84, 10),
        ]),
        { seed: 1998 },
      );
      return {
        model,
        batches: digits.batches({ size: 8, shuffle: random.seed(1) }),
        loss: ({ image, label }) => losses.crossEntropy(model.forward(image), label),
        optimizer: optim.sgd({ rate: 0.02, momentum: 0.9 }),
      };
    });
    expect(found.at(-1)!).toBeLessThan(found[0]! / 2);
  });

  it("takes an LSTM the way it goes on the CPU", async () => {
    await sameCurve(200, () => {
      class Reader extends nn.Module {
        readonly lstm = new nn.LSTM(6, 12);
        readonly output = new nn.Linear(12, 6);
      }
      const model = nn.init(new Reader(), { seed: 7 });
      const x = random.seed(1).normal([5, 4, 6]);
      const target = tensor(Int32Array.from({ length: 20 }, (_, i) => (i * 7) % 6));
      return {
        model,
        batches: [0],
        loss: () => {
          const { output } = model.lstm.forward(x);
          return losses.crossEntropy(model.output.forward(output).reshape([20, 6]), target);
        },
        optimizer: optim.adam({ rate: 0.01 }),
      };
    });
  });

  it("takes a transformer with attention and dropout the way it goes on the CPU", async () => {
    await sameCurve(200, () => {
      class Model extends nn.Module {
        readonly embedding = new nn.Embedding(11, 16);
        readonly block = new nn.TransformerEncoderLayer(16, 2, { feedForward: 32, dropout: 0.1 });
        readonly output = new nn.Linear(16, 11);
      }
      const model = nn.init(new Model(), { seed: 3 });
      const tokens = tensor(Int32Array.from({ length: 24 }, (_, i) => (i * 5) % 11)).reshape([3, 8]);
      const next = tensor(Int32Array.from({ length: 24 }, (_, i) => (i * 5 + 5) % 11));
      return {
        model,
        batches: [0],
        loss: () => {
          const seen = model.block.forward(model.embedding.forward(tokens));
          return losses.crossEntropy(model.output.forward(seen).reshape([24, 11]), next);
        },
        optimizer: optim.adamw({ rate: 0.005, weightDecay: 0.01 }),
      };
    });
  });

  it("takes up no more memory after 5,000 steps than after 500", async () => {
    await device("gpu");
    const model = nn.init(new nn.Sequential([new nn.Linear(4, 8), tanh, new nn.Linear(8, 2)]), { seed: 1 });
    const x = random.seed(2).normal([16, 4]);
    const target = tensor(Int32Array.from({ length: 16 }, (_, i) => i % 2));
    const { pool } = gpu!.context.launcher;
    const held: number[] = [];
    const optimizer = optim.sgd({ rate: 0.05, momentum: 0.9 });
    for await (const { step } of train(model, [0], {
      loss: () => losses.crossEntropy(model.forward(x), target),
      optimizer,
      epochs: 5000,
    }))
      if (step % 500 === 0) held.push(pool.live + pool.spare);
    expect(held).toHaveLength(10);
    expect(Math.max(...held)).toBeLessThan(2 * held[0]! + (16 << 20));
  });

  it("keeps memory in bounds in a loop of one's own, whose parameters are given up step by step", async () => {
    await device("gpu");
    const model = nn.init(new nn.Linear(512, 512), { seed: 1 });
    const x = random.seed(2).normal([1, 512]);
    const { pool } = gpu!.context.launcher;
    const optimizer = optim.sgd({ rate: 0.001, momentum: 0.9 });
    let most = 0;
    for (let step = 0; step < 200; step++) {
      const loss = scope(() => {
        const { value, gradient } = valueAndGrad(model, (m) => m.forward(x).square().mean());
        optimizer.update(model, gradient);
        return value;
      });
      most = Math.max(most, pool.live);
      if (step % 5 === 0) await loss.item();
    }
    // Parameters and momentum of all steps would be 400 MiB.
    expect(most).toBeLessThan(200 << 20);
  });
});
