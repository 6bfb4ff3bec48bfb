import { describe, expect, it } from "vitest";
import { grad, logSumExp, type Tensor, tensor } from "../../src/index.ts";

/** Where samples keep away from: zeros, kinks and infinities. Values by PyTorch. */
describe("derivatives at zeros and kinks", () => {
  const cases: [what: string, f: (x: Tensor) => Tensor, at: number[], expected: number[]][] = [
    ["relu then sqrt", (x) => x.relu().sqrt().sum(), [-1, 4], [0, 0.25]],
    ["maximum then log", (x) => x.maximum(0).log().sum(), [-1, 4], [0, 0.25]],
    ["prod with a zero", (x) => x.prod(), [0, 2, 3], [6, 0, 0]],
    ["prod with two zeros", (x) => x.prod(), [0, 0, 3], [0, 0, 0]],
    ["power 0 at 0", (x) => x.pow(0).sum(), [0, 2], [0, 0]],
    ["power 1 at 0", (x) => x.pow(1).sum(), [0], [1]],
  ];

  it.each(cases)("%s", async (_, f, at, expected) => {
    expect(await grad(f)(tensor(at)).toArray()).toEqual(expected);
  });

  it("a product of two thousand factors of which one is zero", async () => {
    const x = tensor(Float64Array.from({ length: 2000 }, (_, i) => (i === 700 ? 0 : i % 2 === 0 ? 2 : 0.5)));
    const gradient = await grad((x: Tensor) => x.prod())(x).data();
    expect(gradient[700]).toBe(0.5);
    expect(gradient.filter((value) => value !== 0)).toHaveLength(1);
  });

  it("a product of forty factors of which those before come to more than float32 holds", async () => {
    const factors = Float32Array.from({ length: 40 }, (_, i) => 10 ** (5 - i / 4));
    const gradient = await grad((x: Tensor) => x.prod())(tensor(factors)).data();
    factors.forEach((_, i) => {
      const others = factors.reduce((product, other, k) => (k === i ? product : product * other), 1);
      expect(Math.abs(gradient[i]! / others - 1)).toBeLessThan(1e-5);
    });
  });

  it("second and third derivatives of powers at 0", async () => {
    const derivative = (f: (x: Tensor) => Tensor) => (x: Tensor) => grad(f)(x).sum();
    const power = (n: number) => (x: Tensor) => x.pow(n).sum();
    const at = tensor([0], { dtype: "float64" });
    expect(await derivative(derivative(power(1)))(at).item()).toBe(0);
    expect(await derivative(derivative(power(2)))(at).item()).toBe(2);
    expect(await derivative(derivative(derivative(power(2))))(at).item()).toBe(0);
  });

  it("the mixed second derivative of a product at a zero", async () => {
    // f = x0·x1·x2 at (0, 2, 3): ∂²f/∂x1∂x0 = x2, ∂²f/∂x2∂x0 = x1.
    const first = (x: Tensor) =>
      grad((y: Tensor) => y.prod())(x)
        .slice({ axis: 0, stop: 1 })
        .sum();
    expect(await grad(first)(tensor([0, 2, 3])).toArray()).toEqual([0, 3, 2]);
  });

  it("logSumExp of infinities", async () => {
    const inf = Number.POSITIVE_INFINITY;
    expect(
      await logSumExp(
        tensor([
          [-inf, -inf],
          [inf, 0],
          [0, 0],
        ]),
      ).toArray(),
    ).toEqual([-inf, inf, Math.fround(Math.log(2))]);
  });
});
