import { describe, expect, it } from "vitest";
import { nn, optim, tensor } from "../../src/index.ts";

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
