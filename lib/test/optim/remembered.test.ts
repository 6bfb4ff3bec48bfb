import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { device, grad, nn, optim, random, scope, type Tensor, tensor } from "../../src/index.ts";
import { gpu } from "../device/gpu/adapter.ts";
import { bufferOf, counted } from "../tensor/counted.ts";

const rate = 0.1;
const makers: Readonly<Record<string, () => optim.Optimizer>> = {
  momentum: () => optim.sgd({ rate, momentum: 0.9 }),
  nesterov: () => optim.sgd({ rate, momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
  rprop: () => optim.rprop({ rate }),
  adagrad: () => optim.adagrad({ rate }),
  adadelta: () => optim.adadelta({ rate }),
  rmsprop: () => optim.rmsprop({ rate, momentum: 0.5, centered: true }),
  adam: () => optim.adam({ rate, amsgrad: true }),
  adamw: () => optim.adamw({ rate }),
  adamax: () => optim.adamax({ rate }),
  nadam: () => optim.nadam({ rate }),
  radam: () => optim.radam({ rate }),
  lamb: () => optim.lamb({ rate }),
  lion: () => optim.lion({ rate }),
};

/** One matrix that is updated in one pass with what is remembered, a small vector, and the vector once more. */
class Parts extends nn.Module {
  readonly matrix = nn.parameter([32, 20], () => random.seed(1).normal([32, 20]));
  readonly vector = nn.parameter([5], () => random.seed(2).normal([5]));
  readonly again = this.vector;
}

const fresh = () => nn.init(new Parts(), { seed: 1 });
const gradientsOf = (step: number) =>
  new Map<string, Tensor>([
    ["matrix", random.seed(10 + step).normal([32, 20])],
    ["vector", random.seed(50 + step).normal([5])],
  ]);

/** The values of tensors by name. */
async function valuesOf(tensors: Iterable<readonly [string, Tensor]>): Promise<Map<string, number[]>> {
  const read = [...tensors].map(async ([name, tensor]) => [name, Array.from(await tensor.data())] as const);
  return new Map(await Promise.all(read));
}
const valuesIn = (model: nn.Module) => valuesOf(nn.state(model).map(({ path, get }) => [path, get()]));

describe.each(["cpu", "gpu"] as const)("what is remembered on the %s", (name) => {
  describe.skipIf(name === "gpu" && gpu === null)("by optimisers", () => {
    beforeEach(async () => {
      await device(name);
    });
    afterEach(() => device("cpu"));

    it.each(Object.entries(makers))("%s: a state is what it was, whatever comes later", async (_, make) => {
      const [model, optimizer] = [fresh(), make()];
      const held: { given: ReadonlyMap<string, Tensor>; was: Map<string, number[]> }[] = [];
      const hold = async (given: ReadonlyMap<string, Tensor>) => {
        held.push({ given, was: await valuesOf(given) });
      };
      const before = [model.matrix, model.vector];
      const were = await valuesOf(before.map((one, i) => [String(i), one]));
      for (let step = 0; step < 6; step++) {
        if (step === 1 || step === 4) await hold(optimizer.state().tensors);
        scope(() => optimizer.update(model, gradientsOf(step)));
        // Given in a scope of its own, and twice.
        if (step === 2) {
          scope(() => void optimizer.state());
          await hold(optimizer.state().tensors);
        }
      }
      expect(held.length).toBe(3);
      for (const { given, was } of held) {
        expect(given.size).toBeGreaterThan(0);
        expect(await valuesOf(given)).toEqual(was);
      }
      // Parameters that someone holds go on as well.
      expect(await valuesOf(before.map((one, i) => [String(i), one]))).toEqual(were);
    });

    it.each(Object.entries(makers))("%s: two that go on from one state do so alike", async (_, make) => {
      const [model, optimizer] = [fresh(), make()];
      for (const step of [0, 1]) optimizer.update(model, gradientsOf(step));
      const saved = optimizer.state();
      const was = await valuesOf(saved.tensors);
      const models = [model, fresh(), fresh()];
      const optimizers = [optimizer, make(), make()];
      for (const i of [1, 2]) {
        const same = make();
        for (const step of [0, 1]) same.update(models[i]!, gradientsOf(step));
        optimizers[i]!.load(saved);
      }
      // One after the other, so that each would find the memory of those before it overwritten.
      for (const [i, other] of models.entries())
        for (const step of [2, 3, 4]) optimizers[i]!.update(other, gradientsOf(step));
      const [first, ...others] = await Promise.all(models.map(valuesIn));
      for (const other of others) expect(other).toEqual(first);
      // Back again, over what was made meanwhile.
      optimizer.load(saved);
      optimizer.update(model, gradientsOf(2));
      expect(await valuesOf(saved.tensors)).toEqual(was);
    });

    it("averages: what was given or lent to the model is what it was", async () => {
      const [model, optimizer, average] = [fresh(), optim.sgd({ rate }), optim.movingAverage({ decay: 0.5 })];
      const held: { given: ReadonlyMap<string, Tensor>; was: Map<string, number[]> }[] = [];
      for (let step = 0; step < 6; step++) {
        scope(() => {
          optimizer.update(model, gradientsOf(step));
          average.update(model);
        });
        if (step === 0 || step === 2) {
          const given = average.state().tensors;
          held.push({ given, was: await valuesOf(given) });
        }
        if (step === 3)
          await average.using(model, async () => {
            const given = new Map([["lent", model.matrix]]);
            held.push({ given, was: await valuesOf(given) });
          });
      }
      expect(held.length).toBe(3);
      for (const { given, was } of held) expect(await valuesOf(given)).toEqual(was);
    });
  });
});

describe("what nobody has seen", () => {
  /** The buffers of a state that an optimiser gives. */
  const buffersOf = (state: { readonly tensors: ReadonlyMap<string, Tensor> }) =>
    new Set([...state.tensors.values()].map(bufferOf));

  it.each(Object.entries(makers))("%s: goes as soon as it is replaced, outside of scopes, too", async (_, make) => {
    await counted(({ freed }) => {
      const [model, optimizer] = [fresh(), make()];
      const gradients = [0, 1, 2, 3, 4].map(gradientsOf);
      for (const gradient of gradients.slice(0, 2)) optimizer.update(model, gradient);
      const gone = freed.size;
      for (const gradient of gradients.slice(2)) optimizer.update(model, gradient);
      const kinds = optimizer.state().tensors.size / 2;
      // Of three steps: what was remembered of a matrix and a vector.
      expect(freed.size - gone).toBe(3 * 2 * kinds);
      for (const buffer of buffersOf(optimizer.state())) expect(freed.has(buffer)).toBe(false);
    });
  });

  it("goes when another state is loaded; what was given stays", async () => {
    await counted(async ({ freed }) => {
      const [model, optimizer] = [fresh(), optim.adam({ rate })];
      optimizer.update(model, gradientsOf(0));
      const saved = optimizer.state();
      optimizer.update(model, gradientsOf(1));
      const gone = freed.size;
      optimizer.load(saved);
      expect(freed.size - gone).toBe(4);
      for (const buffer of buffersOf(saved)) expect(freed.has(buffer)).toBe(false);
      optimizer.update(model, gradientsOf(1));
      expect(freed.size - gone).toBe(4);
      await valuesOf(saved.tensors);
    });
  });

  it("goes in averages, but for the first, which is the model's own", async () => {
    await counted(async ({ freed }) => {
      const [model, average] = [fresh(), optim.meanAverage()];
      const own = model.matrix;
      for (let step = 0; step < 4; step++) average.update(model);
      expect(freed.size).toBe(2 * 2);
      await own.data();
    });
  });

  it("stays where a rule gives the same again, a part of it, or the gradient itself", async () => {
    const rules: readonly optim.Rule["update"][] = [
      (w, _, [v]) => ({ parameter: w.add(1), memory: [v!] }),
      (w, g) => ({ parameter: w.sub(g), memory: [g] }),
      (w, _, [v]) => ({ parameter: w.mul(2), memory: [v!.reshape([5]).reshape(v!.shape)] }),
      (w, g, [v], { count }) => ({ parameter: w.sub(g), memory: [count % 2 === 0 ? v! : v!.add(g)] }),
      (w, g) => {
        const next = w.sub(g);
        return { parameter: next, memory: [next] };
      },
    ];
    for (const update of rules)
      await counted(async () => {
        class One extends nn.Module {
          readonly weight = nn.parameter([5], () => random.seed(1).normal([5]));
        }
        const model = nn.init(new One(), { seed: 1 });
        const optimizer = new optim.Optimizer("own", { rate }, { memory: ["kept"], update });
        const seen: Tensor[] = [];
        const gradients: Tensor[] = [];
        for (let step = 0; step < 5; step++) {
          seen.push(model.weight);
          gradients.push(tensor([1, 2, 3, 4, 5]).mul(step));
          optimizer.update(model, new Map([["weight", gradients.at(-1)!]]));
        }
        for (const one of [...seen, ...gradients, ...optimizer.state().tensors.values()]) await one.data();
      });
  });

  it("stays while a derivative is taken through the updates", async () => {
    const run = (scale: Tensor): Tensor => {
      const [model, optimizer] = [fresh(), optim.adam({ rate })];
      for (let step = 0; step < 3; step++) {
        const gradient = new Map([...gradientsOf(step)].map(([path, g]) => [path, g.mul(scale)]));
        optimizer.update(model, gradient);
      }
      return model.matrix.square().sum().add(model.vector.sum());
    };
    let slope = Number.NaN;
    await counted(async () => {
      slope = await grad(run)(tensor(0.7)).item();
    });
    const h = 1e-2;
    const [up, down] = [await run(tensor(0.7 + h)).item(), await run(tensor(0.7 - h)).item()];
    expect(slope).toBeCloseTo((up - down) / (2 * h), 1);
  });
});
