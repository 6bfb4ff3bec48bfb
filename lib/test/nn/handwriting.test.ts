import { describe, expect, it } from "vitest";
import { nn, random, tensor, valueAndGrad, zeros } from "../../src/index.ts";

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;

describe("a handwriting head", () => {
  it("draws offsets with the correlation, and ends of strokes as often, as it says", async () => {
    const rows = 4000;
    const head = nn.init(new nn.HandwritingHead(1, { components: 1 }), { seed: 1 });
    const column = (value: number) => zeros([rows, 1]).add(value);
    const mixture = {
      ...{ endLogit: column(Math.log(0.2 / 0.8)), logWeights: column(0), meanX: column(1), meanY: column(-2) },
      ...{ logDeviationX: column(Math.log(2)), logDeviationY: column(Math.log(0.5)), correlation: column(0.8) },
    };
    const drawn = (await (await head.sample(mixture, random.seed(3))).toArray()) as number[][];
    const [x, y, end] = [0, 1, 2].map((i) => drawn.map((row) => row[i]!)) as [number[], number[], number[]];
    const tolerance = 4 / Math.sqrt(rows);
    expect(Math.abs(mean(x) - 1)).toBeLessThan(2 * tolerance);
    expect(Math.abs(mean(y) + 2)).toBeLessThan(0.5 * tolerance);
    const covariance = mean(x.map((value, i) => (value - 1) * (y[i]! + 2)));
    expect(Math.abs(covariance - 0.8)).toBeLessThan(2 * tolerance);
    expect(Math.abs(mean(end) - 0.2)).toBeLessThan(0.4 * tolerance);
    expect(new Set(end)).toEqual(new Set([0, 1]));
  });

  it("has a finite density and gradient also where tanh is 1 in float32, the correlation being just short of it", async () => {
    for (const sign of [1, -1]) {
      // ê, π̂, μ̂x, μ̂y, σ̂x, σ̂y, ρ̂.
      const bias = () => tensor([0, 0, 0, 0, 0, 0, 30 * sign]);
      const initialisers = { "linear.weight": nn.zerosInit, "linear.bias": bias };
      const head = nn.init(new nn.HandwritingHead(1, { components: 1 }), { seed: 1, initialisers });
      const target = tensor([[0.5, 0.5 * sign, 1]]);
      const { value, gradient } = valueAndGrad(head, (m) => m.negativeLogLikelihood(m.forward(zeros([1, 1])), target));
      // Along the diagonal z = 2 · 0.25 (1 − ρ), hence z / 2 (1 − ρ²) = 0.25 / (1 + ρ).
      const rest = 1 - (1 - 1e-6) ** 2;
      const expected = 0.25 / (2 - 1e-6) + 0.5 * Math.log(rest) + Math.log(2 * Math.PI) + Math.log(2);
      expect(Math.abs((await value.item()) - expected)).toBeLessThan(0.05);
      for (const g of gradient.values()) for (const d of await g.data()) expect(d).toSatisfy(Number.isFinite);
    }
  });
});
