import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  ArgumentError,
  checkpoint,
  evaluate,
  fromSafetensors,
  grad,
  load,
  nn,
  optim,
  random,
  save,
  type Tensor,
  tanh,
  tensor,
  train,
  valueAndGrad,
  vmap,
  zeros,
} from "../../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "gradbook-buffers-"));
afterAll(() => rmSync(folder, { recursive: true }));

class Net extends nn.Module {
  readonly first = new nn.Linear(3, 4);
  readonly norm = new nn.BatchNorm1d(4);
  readonly last = new nn.Linear(4, 1);
  forward(x: Tensor): Tensor {
    return this.last.forward(tanh(this.norm.forward(this.first.forward(x))));
  }
}

const x = random.seed(7).normal([16, 3], { mean: 2 });
const running = async (model: Net) => [
  await model.norm.running_mean!.toArray(),
  await model.norm.running_var!.toArray(),
  await model.norm.num_batches_tracked!.item(),
];
const loss = (model: Net, batch: Tensor) => model.forward(batch).square().mean();
const fresh = () => nn.init(new Net(), { seed: 1 });

async function trained(model: Net, steps: number, f = loss): Promise<Net> {
  const batches = Array.from({ length: steps }, () => x);
  for await (const _ of train(model, batches, { loss: f, optimizer: optim.sgd({ rate: 0.1 }) }));
  return model;
}

describe("running statistics", () => {
  it("move with each training step, and neither otherwise nor in evaluation", async () => {
    const model = fresh();
    const start = await running(model);
    expect(start).toEqual([[0, 0, 0, 0], [1, 1, 1, 1], 0]);
    loss(model, x);
    valueAndGrad(model, (m) => loss(m, x));
    await evaluate(model, [x], loss);
    expect(await running(model)).toEqual(start);
    await trained(model, 3);
    const end = await running(model);
    expect(end[2]).toBe(3);
    expect(end[0]).not.toEqual(start[0]);
    await evaluate(model, [x], loss);
    expect(await running(model)).toEqual(end);
  });

  it("move in a step by hand, too", async () => {
    const model = fresh();
    const { gradient } = valueAndGrad(model, (m) => nn.training(random.seed(1), () => loss(m, x)));
    expect([...gradient.keys()]).not.toContain("norm.running_mean");
    const [mean, , count] = await running(model);
    const expected = (await model.first.forward(x).mean({ axis: 0 }).mul(0.1).toArray()) as number[];
    (mean as number[]).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
    expect(count).toBe(1);
  });

  it("stay where a part is run as outside of training", async () => {
    const model = fresh();
    const before = await running(model);
    const y = nn.training(random.seed(1), () => nn.evaluating(() => model.forward(x)));
    expect(await y.toArray()).toEqual(await model.forward(x).toArray());
    expect(await running(model)).toEqual(before);
  });

  it("stay where the body of a step waits, which is refused whatever becomes of it", async () => {
    const model = fresh();
    const before = await running(model);
    const waits = async () => {
      model.forward(x);
      await null;
      throw new Error("nobody waits for this");
    };
    const [training, evaluating] = [() => nn.training(random.seed(1), waits), () => nn.evaluating(waits)];
    expect(training).toThrow(ArgumentError);
    expect(training).toThrow(/training: the body returned a promise.*read them outside: await nn\.training\(…\)\.data/);
    expect(evaluating).toThrow(ArgumentError);
    expect(evaluating).toThrow(/evaluating: the body returned a promise/);
    expect(nn.isTraining()).toBe(false);
    expect(await running(model)).toEqual(before);
  });

  it("stay where a step fails", async () => {
    const model = await trained(fresh(), 1);
    const before = await running(model);
    await expect(trained(model, 1, (m, batch) => loss(m, batch).mul(Number.NaN))).rejects.toThrow(/became NaN/);
    const broken = () =>
      nn.training(random.seed(1), () => {
        model.forward(x);
        throw new Error("broken");
      });
    expect(broken).toThrow("broken");
    expect(await running(model)).toEqual(before);
  });

  it("begin anew with init, and are neither parameters nor lost in files", async () => {
    const model = await trained(fresh(), 2);
    expect(nn.parameters(model).map(({ path }) => path)).not.toContain("norm.running_mean");
    expect(nn.state(model.norm).map(({ path }) => path)).toEqual([
      "weight",
      "bias",
      "running_mean",
      "running_var",
      "num_batches_tracked",
    ]);
    const path = join(folder, "net.safetensors");
    await save(model, path);
    const again = await load(new Net(), path);
    expect(await running(again)).toEqual(await running(model));
    await trained(again, 1);
    expect((await running(again))[2]).toBe(3);
    expect(await running(nn.init(again, { seed: 1 }))).toEqual([[0, 0, 0, 0], [1, 1, 1, 1], 0]);
  });

  it("come with files of PyTorch's, where batches are counted in 64 bits", async () => {
    const values: readonly (readonly [string, string, readonly number[], ArrayBufferView])[] = [
      ["weight", "F32", [2], Float32Array.of(1, 2)],
      ["bias", "F32", [2], Float32Array.of(3, 4)],
      ["running_mean", "F32", [2], Float32Array.of(5, 6)],
      ["running_var", "F32", [2], Float32Array.of(7, 8)],
      ["num_batches_tracked", "I64", [], BigInt64Array.of(9n)],
    ];
    let end = 0;
    const header = Object.fromEntries(
      values.map(([name, dtype, shape, data]) => {
        end += data.byteLength;
        return [name, { dtype, shape, data_offsets: [end - data.byteLength, end] }];
      }),
    );
    const text = Buffer.from(JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    const bytes = values.map(([, , , { buffer }]) => new Uint8Array(buffer as ArrayBuffer));
    const norm = new nn.BatchNorm1d(2);
    nn.loadState(norm, fromSafetensors(Buffer.concat([size, text, ...bytes])));
    expect(await norm.running_var!.toArray()).toEqual([7, 8]);
    expect(norm.num_batches_tracked!.dtype).toBe("int32");
    expect(await norm.num_batches_tracked!.item()).toBe(9);
  });

  it("are refused inside vmap, where each example would have its own", () => {
    const perExample = (norm: nn.BatchNorm1d) =>
      nn.training(random.seed(1), () => vmap((one: Tensor) => norm.forward(one))(x.reshape([2, 8, 3])));
    expect(() => perExample(nn.init(new nn.BatchNorm1d(3), { seed: 1 }))).toThrow(
      /inside vmap.*trackRunningStats: false/,
    );
    const stateless = nn.init(new nn.BatchNorm1d(3, { trackRunningStats: false }), { seed: 1 });
    expect(perExample(stateless).shape).toEqual([2, 8, 3]);
  });
});

describe("a buffer of one's own", () => {
  class Counter extends nn.Module {
    readonly passes = nn.buffer(zeros([]));
    forward(input: Tensor): Tensor {
      this.remember("passes", (before) => before.add(1));
      return input;
    }
    forget() {
      this.remember("passages", (before) => before);
    }
  }

  it("counts the passes of training", async () => {
    const counter = new Counter();
    for (let i = 0; i < 2; i++) nn.training(random.seed(i), () => counter.forward(counter.forward(x)));
    counter.forward(x);
    expect(await counter.passes.item()).toBe(4);
    expect(await nn.init(counter, { seed: 1 }).passes.item()).toBe(0);
    expect(() => nn.training(random.seed(1), () => counter.forget())).toThrow("Counter: it has no buffer passages.");
  });
});

describe("a checkpointed part of a model", () => {
  class Block extends nn.Module {
    readonly linear = new nn.Linear(3, 4);
    readonly norm = new nn.BatchNorm1d(4);
    readonly dropout = new nn.Dropout(0.5);
    readonly thrifty: boolean;
    constructor(thrifty: boolean) {
      super();
      this.thrifty = thrifty;
    }
    forward(input: Tensor): Tensor {
      const f = (part: Tensor) => tanh(this.dropout.forward(this.norm.forward(this.linear.forward(part))));
      return (this.thrifty ? checkpoint(f, this) : f)(input);
    }
  }

  it("draws the same, counts once and has the same gradients as without", async () => {
    const run = async (thrifty: boolean) => {
      const model = nn.init(new nn.Sequential([new nn.Dropout(0.2), new Block(thrifty), new nn.Dropout(0.5)]), {
        seed: 1,
      });
      const { value, gradient } = valueAndGrad(model, (m) =>
        nn.training(random.seed(3), () => m.forward(x).square().sum()),
      );
      const values = [...gradient].map(async ([path, g]) => [path, await g.toArray()]);
      const places = nn.state(model).map(async ({ path, get }) => [path, await get().toArray()]);
      return [await value.item(), await Promise.all(values), await Promise.all(places)];
    };
    expect(await run(true)).toEqual(await run(false));
  });

  it("has a gradient outside of training, and for inputs, too", async () => {
    const block = nn.init(new Block(true), { seed: 1 });
    const plain = nn.init(new Block(false), { seed: 1 });
    const of = (b: Block) => grad((input: Tensor) => b.forward(input).square().sum())(x).toArray();
    expect(await of(block)).toEqual(await of(plain));
  });

  it("is refused without the model whose parameters it uses", () => {
    const layer = nn.init(new nn.Linear(3, 1), { seed: 1 });
    const f = () =>
      valueAndGrad(layer, (m) => checkpoint((input: Tensor) => m.forward(input))(tensor([[1, 2, 3]])).sum());
    expect(f).toThrow(/checkpoint: the function uses a tensor of shape .* from outside.*checkpoint\(f, model\)/);
  });
});
