import { describe, expect, it } from "vitest";
import { findRate, nn, ones, optim } from "../../src/index.ts";

describe("findRate of losses that are negative or change their sign", () => {
  const curveOf = (less: number, to: number) => {
    const model = nn.init(new nn.Linear(1, 1), { seed: 1, initialisers: { "*": nn.onesInit } });
    return findRate(model, [ones([4, 1])], {
      loss: (m, x) => m.forward(x).square().mean().sub(less),
      optimizer: (rate) => optim.sgd({ rate }),
      from: 1e-3,
      to,
      steps: 60,
    });
  };

  it.each([0, 2, 4, 100])("%d less: suggests the same", async (less) => {
    const [plain, moved] = [await curveOf(0, 0.3), await curveOf(less, 0.3)];
    expect(moved.rows.length).toBe(60);
    expect(moved.suggestion).toBeCloseTo(plain.suggestion, 6);
  });

  it.each([0, 2, 4, 100])("%d less: stops where they go up and up", async (less) => {
    const { rows } = await curveOf(less, 100);
    expect(rows.length).toBeLessThan(60);
    expect(rows.at(-1)!.smooth).toBeGreaterThan(rows[0]!.smooth);
  });
});
