import { describe, expect, it } from "vitest";
import { nn, optim, type Tensor, tensor } from "../../src/index.ts";
import { drawn, pythonHasTorch, seed } from "../golden/python.ts";

/** Two numbers: one is trained from the start, the other comes later. */
class Pair extends nn.Module {
  readonly early = nn.parameter([2], nn.zerosInit);
  readonly late = nn.parameter([2], nn.zerosInit);
}

const gradients = (step: number) => tensor([Math.sin(step + 1), -0.3 * (step + 1)]);
const makers = {
  adam: () => optim.adam({ rate: 0.1 }),
  adamax: () => optim.adamax({ rate: 0.1 }),
  nadam: () => optim.nadam({ rate: 0.1 }),
  radam: () => optim.radam({ rate: 0.1 }),
  lamb: () => optim.lamb({ rate: 0.1 }),
  adagrad: () => optim.adagrad({ rate: 0.1, rateDecay: 0.5 }),
};

describe.each(Object.entries(makers))("%s", (_, make) => {
  it("starts a parameter that comes late as an optimiser of its own would, and goes on so from a saved state", async () => {
    const model = nn.init(new Pair(), { seed: 1 });
    const alone = nn.init(new Pair(), { seed: 1 });
    let [optimizer, own] = [make(), make()];
    for (let step = 0; step < 5; step++) optimizer.update(model, new Map([["early", gradients(step)]]));
    for (let step = 0; step < 8; step++) {
      optimizer.update(
        model,
        new Map([
          ["early", gradients(step)],
          ["late", gradients(step)],
        ]),
      );
      own.update(alone, new Map([["late", gradients(step)]]));
      expect(await model.late.toArray()).toEqual(await alone.late.toArray());
      const [saved, ownSaved] = [optimizer.state(), own.state()];
      [optimizer, own] = [make(), make()];
      optimizer.load(saved);
      own.load(ownSaved);
    }
    expect(optimizer.state().counts).toEqual({ early: 13, late: 8 });
  });
});

it("a state from before parameters were counted goes on with the optimiser's own count", async () => {
  const model = nn.init(new Pair(), { seed: 1 });
  const optimizer = optim.adam({ rate: 0.1 });
  for (let step = 0; step < 3; step++) optimizer.update(model, new Map([["early", gradients(step)]]));
  const { counts, ...old } = optimizer.state();
  expect(counts).toEqual({ early: 3 });
  const other = optim.adam({ rate: 0.1 });
  other.load(old);
  expect(other.state().counts).toEqual({ early: 3 });
});

interface Case {
  readonly kind: string;
  readonly rate: number;
  /** The step of the second parameter's first gradient. */
  readonly begins: number;
  readonly starts: readonly number[][];
  readonly gradients: readonly number[][][];
  readonly ends: readonly number[][];
}

const asPyTorch: Readonly<Record<string, (rate: number) => optim.Optimizer>> = {
  adam: (rate) => optim.adam({ rate }),
  adamw: (rate) => optim.adamw({ rate }),
  adamax: (rate) => optim.adamax({ rate }),
  nadam: (rate) => optim.nadam({ rate }),
  radam: (rate) => optim.radam({ rate }),
  adagrad: (rate) => optim.adagrad({ rate, rateDecay: 0.1 }),
  sgd: (rate) => optim.sgd({ rate, momentum: 0.9, dampening: 0.5 }),
};

it.skipIf(!pythonHasTorch())("a parameter that comes late goes where PyTorch's optimisers take it", async () => {
  const f64 = { dtype: "float64" } as const;
  for (const one of drawn<Case>(new URL("./late_start.py", import.meta.url), seed, 21)) {
    const model = nn.init(new Pair(), { seed: 1 });
    Object.assign(model, { early: tensor(one.starts[0]!, f64), late: tensor(one.starts[1]!, f64) });
    const optimizer = asPyTorch[one.kind]!(one.rate);
    for (const [step, [early, late]] of one.gradients.entries()) {
      const both: [string, Tensor][] = [["early", tensor(early!, f64)]];
      if (step >= one.begins) both.push(["late", tensor(late!, f64)]);
      optimizer.update(model, new Map(both));
    }
    // PyTorch keeps NAdam's products in float32.
    for (const [i, parameter] of [model.early, model.late].entries())
      (await parameter.data()).forEach((value, k) => {
        const apart = Math.abs(value - one.ends[i]![k]!);
        expect(apart, `GRADBOOK_SEED=${seed}: ${one.kind}, late by ${one.begins}`).toBeLessThan(1e-7);
      });
  }
});
