import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
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

/** What a training in a process of its own holds after every 500 steps, in bytes. */
interface Held {
  readonly buffers: number;
  readonly live: number;
  /** In use, or waiting to be used again. */
  readonly pool: number;
  readonly heapUsed: number;
  readonly rss: number;
  /** Of the process outside of the garbage collector's heap, where Dawn and the driver have their objects. */
  readonly outside: number;
}

/** The least that a buffer of the device takes. */
const smallest = 256;

async function heldBy(optimizer: "sgd" | "adam", steps: number, collect: number): Promise<readonly Held[]> {
  const script = fileURLToPath(new URL("./memory.mjs", import.meta.url));
  const args = ["--expose-gc", script, optimizer, String(steps), "500", String(collect)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const held = JSON.parse(stdout) as readonly Held[];
  expect(held).toHaveLength(steps / 500);
  return held;
}

/**
 * How far the least of the last 2,500 steps lies above the least of the first 1,500: what is lost raises the least. What a
 * process has goes up and down with what the allocators of drivers keep, the more so the busier the machine is: 125 to 137
 * MiB over 15,000 steps at rest, 143 to 194 beside other tests. The exact bounds are those of buffers, the pool and the heap.
 */
function growth(held: readonly Held[], what: "outside" | "rss"): number {
  const least = (some: readonly Held[]) => Math.min(...some.map((one) => one[what]));
  return least(held.slice(-5)) / least(held.slice(0, 3)) - 1;
}

function shown(held: readonly Held[]): string {
  const line = ({ buffers, live, pool, heapUsed, outside, rss }: Held) => {
    const [used, out, all] = [heapUsed, outside, rss].map((bytes) => (bytes / 2 ** 20).toFixed(1));
    return `${buffers} buffers, ${live} of ${pool} bytes; heap ${used}, outside ${out}, resident ${all} MiB`;
  };
  return held.map(line).join("\n");
}

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

  it("holds the same buffers all along 5,000 steps, and waits with none but replaced parameters", async () => {
    const collect = 50;
    const held = await heldBy("adam", 5000, collect);
    const [first, settled, ...later] = held;
    const text = shown(held);
    for (const { buffers, live, pool } of held) {
      expect(buffers, text).toBe(first!.buffers);
      expect(live, text).toBe(first!.live);
      // From one collection to the next: the four parameters of each step, and a few results of steps under way.
      expect(pool, text).toBeLessThanOrEqual(first!.live + (4 * collect + 16) * smallest);
    }
    // In the first 1,000 steps functions are compiled, and caches filled.
    for (const { heapUsed, pool } of later) {
      expect(Math.abs(heapUsed / settled!.heapUsed - 1), text).toBeLessThan(0.05);
      expect(pool, text).toBeLessThanOrEqual(settled!.pool + 8 * smallest);
    }
    expect(growth(held, "outside"), text).toBeLessThan(0.2);
    expect(growth(held, "rss"), text).toBeLessThan(0.2);
  });

  it("keeps its memory in bounds over 5,000 steps by itself, too", async () => {
    const held = await heldBy("sgd", 5000, 0);
    const text = shown(held);
    // The collector is asked to work when replaced parameters have come to 4 MiB, with what each buffer takes beside its
    // contents, but not for more than a fiftieth of the time.
    for (const { pool } of held) expect(pool, text).toBeLessThan(2500 * smallest);
    expect(growth(held, "outside"), text).toBeLessThan(0.2);
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
