import { describe, expect, it } from "vitest";
import { ArgumentError, evaluate, nn, ones, tensor } from "../../src/index.ts";

describe("evaluate", () => {
  it("gives several means from one pass, each batch counting by its size", async () => {
    const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
    let passes = 0;
    const found = await evaluate(model, [tensor([[1], [2], [3]]), tensor([[6]])], (_, x) => {
      passes++;
      return { mean: x.mean(), most: x.max() };
    });
    expect(found).toEqual({ mean: 3, most: (3 * 3 + 6) / 4 });
    expect(passes).toBe(2);
  });
});

describe("a metric that gives plain numbers", () => {
  const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
  const batches = [ones([3, 1]), ones([1, 1])];

  it("has the mean by size, alone, by promise and beside tensors", async () => {
    expect(await evaluate(model, batches, (_, x) => x.shape[0]!)).toBe((3 * 3 + 1) / 4);
    expect(await evaluate(model, batches, async (_, x) => x.sum().item())).toBe((3 * 3 + 1) / 4);
    const both = await evaluate(model, batches, (_, x) => ({ size: x.shape[0]!, sum: x.sum() }));
    expect(both).toEqual({ size: 2.5, sum: 2.5 });
  });

  it.each([["many"], [undefined], [{ loss: "low" }], [{ loss: [1] }]])(
    "is refused where it gives %o",
    async (given) => {
      await expect(evaluate(model, batches, () => given as never)).rejects.toThrow(ArgumentError);
      await expect(evaluate(model, batches, () => given as never)).rejects.toThrow(
        /^evaluate: the metric.*expected a num/,
      );
    },
  );
});
