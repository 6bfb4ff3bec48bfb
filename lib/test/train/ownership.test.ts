import { describe, expect, it } from "vitest";
import { losses, nn, optim, random, type Tensor, tanh, train } from "../../src/index.ts";
import { counted } from "../tensor/counted.ts";

const made = () =>
  nn.init(
    new nn.Sequential([new nn.Linear(8, 16), new nn.BatchNorm1d(16), tanh, new nn.Dropout(0.2), new nn.Linear(16, 1)]),
    { seed: 1 },
  );

const key = random.seed(3);
const batches = Array.from({ length: 6 }, (_, i) => ({
  x: key.child(i).normal([4, 8]),
  y: key.child(-i).normal([4, 1]),
}));

/** Trains with everything that a step may do, and gives the losses. */
async function trained(
  model: ReturnType<typeof made>,
  between: (step: number) => unknown = () => {},
  captured: Tensor[] = [],
) {
  const found: number[] = [];
  for await (const { step, loss } of train(model, batches, {
    loss: (m, { x, y }) => {
      const predicted = m.forward(x);
      captured.push(predicted);
      return losses.squaredError(predicted, y);
    },
    optimizer: optim.adam({ rate: 0.01 }),
    constraints: { "4.weight": nn.maxNorm(1) },
    accumulate: 2,
    clipValue: 1,
    clipNorm: 0.5,
    epochs: 4,
    average: optim.movingAverage({ decay: 0.9 }),
  })) {
    found.push(loss);
    await between(step);
  }
  return found;
}

describe("a training step owns what it makes", () => {
  it("gives it back when the next one begins, but for the state of the model, the optimiser and the average", async () => {
    const expected = await trained(made());
    await counted(async ({ live }) => {
      const alive: number[] = [];
      expect(await trained(made(), () => alive.push(live().size))).toEqual(expected);
      // Parameters and averages of 4 tensors, 2 of the normalisation, twice as many moments, and its running state.
      const state = 3 * 6 + 6 + 3;
      for (const [i, count] of alive.slice(1).entries()) expect(count - alive[i]!).toBeLessThanOrEqual(state);
      expect(alive[0]).toBeGreaterThan(5 * state);
    });
  });

  it("lets it be read until then", async () => {
    const captured: Tensor[] = [];
    await trained(
      made(),
      async (step) => {
        expect((await captured.at(-1)!.data()).every(Number.isFinite)).toBe(true);
        if (step > 1)
          await expect(captured[0]!.data()).rejects.toThrow(
            "data: this tensor was made in a training step, and its memory was given back when the next one began. Read it before: await x.data().",
          );
      },
      captured,
    );
    expect(captured.length).toBe(24);
  });
});
