import { describe, expect, it } from "vitest";
import type { Buffer } from "../../src/device/device.ts";
import { Best, nn, optim, random, scope, type Tensor, tensor, valueAndGrad } from "../../src/index.ts";
import { bufferOf, counted } from "./counted.ts";

class Net extends nn.Module {
  readonly first = new nn.Linear(3, 4);
  readonly norm = new nn.BatchNorm1d(4);
  readonly second = new nn.Linear(4, 2);
  forward(x: Tensor): Tensor {
    return this.second.forward(this.norm.forward(this.first.forward(x)).tanh());
  }
}

const x = random.seed(1).normal([8, 3]);
const fresh = () => nn.init(new Net(), { seed: 1 });
const key = random.seed(2);

/** One step of training as one writes it by hand. */
function step(model: Net, optimizer: optim.Optimizer, i: number): Tensor {
  const { value, gradient } = nn.training(key.child(i), () => valueAndGrad(model, (m) => m.forward(x).square().mean()));
  optimizer.update(model, gradient);
  return value;
}

async function valuesOf(tensors: Iterable<readonly [string, Tensor]>): Promise<Record<string, unknown>> {
  const read = [...tensors].map(async ([path, tensor]) => [path, Array.from(await tensor.data())] as const);
  return Object.fromEntries(await Promise.all(read));
}
const valuesIn = (model: nn.Module) => valuesOf(nn.state(model).map(({ path, get }) => [path, get()]));
const buffersOf = (tensors: Iterable<Tensor>): Buffer[] => [...tensors].map(bufferOf);
const buffersIn = (model: nn.Module): Buffer[] => buffersOf(nn.state(model).map(({ get }) => get()));

const rate = 0.05;
const families: Readonly<Record<string, () => optim.Optimizer>> = {
  sgd: () => optim.sgd({ rate }),
  momentum: () => optim.sgd({ rate, momentum: 0.9 }),
  nesterov: () => optim.sgd({ rate, momentum: 0.9, nesterov: true }),
  decayed: () => optim.sgd({ rate, weightDecay: 0.1, decoupled: true }),
  adagrad: () => optim.adagrad({ rate }),
  adadelta: () => optim.adadelta({ rate }),
  rmsprop: () => optim.rmsprop({ rate }),
  rprop: () => optim.rprop({ rate }),
  adam: () => optim.adam({ rate }),
  adamw: () => optim.adamw({ rate }),
  adamax: () => optim.adamax({ rate }),
  nadam: () => optim.nadam({ rate }),
  radam: () => optim.radam({ rate }),
  lamb: () => optim.lamb({ rate }),
  lion: () => optim.lion({ rate }),
};

describe.each(Object.entries(families))("steps of %s in scopes", (_, make) => {
  it("are those without, and leave nothing behind but the model and what the optimiser remembers", async () => {
    const [plain, scoped] = [fresh(), fresh()];
    const [one, other] = [make(), make()];
    const losses = [0, 1, 2, 3].map((i) => step(plain, one, i));
    const account = await counted(async ({ live }) => {
      const before = new Set(buffersIn(scoped));
      const found = scope(() => [0, 1, 2, 3].map((i) => scope(() => step(scoped, other, i))));
      const left = live();
      const remembered = [...other.state().tensors.values()];
      for (const buffer of [...buffersIn(scoped), ...buffersOf(remembered), ...buffersOf(found)]) {
        if (!before.has(buffer)) expect(left.delete(buffer)).toBe(true);
      }
      expect(left.size).toBe(0);
      expect(await valuesIn(scoped)).toEqual(await valuesIn(plain));
      expect(await valuesOf(other.state().tensors)).toEqual(await valuesOf(one.state().tensors));
      for (const [i, loss] of found.entries()) expect(await loss.item()).toBe(await losses[i]!.item());
    });
    expect(account.freed.size).toBeGreaterThan(50);
  });

  it("go on after each scope by itself, and from a state loaded in one", async () => {
    const [plain, scoped] = [fresh(), fresh()];
    const [one, other, third] = [make(), make(), make()];
    for (const i of [0, 1, 2]) step(plain, one, i);
    await counted(async () => {
      for (const i of [0, 1]) scope(() => void step(scoped, other, i));
      scope(() => {
        const { tensors, ...rest } = other.state();
        const copies = new Map([...tensors].map(([path, value]) => [path, value.neg().neg()]));
        third.load({ ...rest, tensors: copies });
      });
      scope(() => void step(scoped, third, 2));
      expect(await valuesIn(scoped)).toEqual(await valuesIn(plain));
    });
  });
});

describe("in a scope", () => {
  it("a model that is initialised, or given values, keeps them", async () => {
    await counted(async () => {
      const model = new Net();
      scope(() => void nn.init(model, { seed: 1 }));
      expect(await valuesIn(model)).toEqual(await valuesIn(fresh()));
      scope(() => nn.parameters(model)[1]!.set(tensor([1, 2, 3, 4]).mul(2)));
      expect(await model.first.bias!.toArray()).toEqual([2, 4, 6, 8]);
      scope(() => nn.constrain(model, { "first.weight": nn.unitNorm() }));
      expect((await model.first.weight.norm({ axis: 1 }).data())[0]).toBeCloseTo(1, 5);
    });
  });

  it("a model that is made is kept by being returned, and starts anew after it was trained", async () => {
    await counted(async () => {
      const model = scope(() => nn.init(new Net(), { seed: 1 }));
      expect(await valuesIn(model)).toEqual(await valuesIn(fresh()));
    });
    await counted(async () => {
      const model = scope(() => {
        const made = nn.init(new Net(), { seed: 1 });
        step(made, optim.sgd({ rate }), 0);
        return made;
      });
      nn.init(model, { seed: 1 });
      expect(await valuesIn(model)).toEqual(await valuesIn(fresh()));
    });
  });

  it("running statistics move as they do without", async () => {
    const [plain, scoped] = [fresh(), fresh()];
    const pass = (model: Net, i: number) => nn.training(key.child(i), () => model.forward(x.mul(i + 1)));
    for (const i of [0, 1]) pass(plain, i);
    await counted(async () => {
      scope(() => void pass(scoped, 0));
      // A scope inside of the step: what the layer remembers waits for the step to be accepted.
      nn.training(key.child(1), () => scope(() => scoped.forward(x.mul(2))));
      expect(await valuesIn(scoped)).toEqual(await valuesIn(plain));
    });
  });

  it("a step whose body throws keeps what the model was given, and nothing else", async () => {
    const [plain, scoped] = [fresh(), fresh()];
    step(plain, optim.adam({ rate }), 0);
    await counted(async () => {
      expect(() =>
        scope(() => {
          step(scoped, optim.adam({ rate }), 0);
          throw new Error("afterwards");
        }),
      ).toThrow("afterwards");
      expect(await valuesIn(scoped)).toEqual(await valuesIn(plain));
    });
  });

  it("an average of parameters and the best of them are kept", async () => {
    const [plain, scoped] = [fresh(), fresh()];
    const run = (model: Net, within: (body: () => void) => void) => {
      const optimizer = optim.adam({ rate });
      const average = optim.movingAverage({ decay: 0.5 });
      const best = new Best();
      for (const [i, loss] of [3, 1, 2].entries()) {
        within(() => {
          step(model, optimizer, i);
          average.update(model);
        });
        within(() => void best.observe(model, loss, i));
      }
      return { average, best };
    };
    const expected = run(plain, (body) => body());
    await counted(async () => {
      let found = expected;
      scope(() => {
        found = run(scoped, scope);
      });
      expect(await valuesOf(found.average.state().tensors)).toEqual(await valuesOf(expected.average.state().tensors));
      expect(await valuesOf(found.best.state().tensors)).toEqual(await valuesOf(expected.best.state().tensors));
      found.best.restore(scoped);
      expected.best.restore(plain);
      expect(await valuesIn(scoped)).toEqual(await valuesIn(plain));
    });
  });

  it("parameters that stand for others while a gradient is taken are given back", async () => {
    const model = fresh();
    await counted(({ live }) => {
      scope(() => void valueAndGrad(model, (m) => m.forward(x).square().mean()));
      expect(live().size).toBe(0);
    });
  });
});
