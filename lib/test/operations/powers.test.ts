import { describe, expect, it } from "vitest";
import { checkGradient, full, grad, jvp, pow, type Tensor, tensor, vmap } from "../../src/index.ts";

const bases = [0, -0, 1, -1, 2.5, -0.3, 1e-30, -1e30, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const exponents = [0, 1, 2, 3, -1, 0.5, 4, -2];

describe.each(exponents)("a power %d that is a number", (exponent) => {
  it.each(["float32", "float64"] as const)("is what a tensor of it gives, of special values too: %s", async (dtype) => {
    const x = tensor(bases, { dtype });
    const [short, any] = [await pow(x, exponent).data(), await pow(x, full(x.shape, exponent, { dtype })).data()];
    for (const [i, value] of short.entries()) {
      if (Number.isNaN(any[i]) || !Number.isFinite(any[i]!) || any[i] === 0) expect(value).toBe(any[i]);
      else expect(Math.abs(value / any[i]! - 1), `${bases[i]}`).toBeLessThan(dtype === "float32" ? 3e-7 : 1e-15);
    }
  });

  it("has the derivatives of a power, the second and forwards too", async () => {
    const x = tensor([0.4, 1.3, 2.2], { dtype: "float64" });
    await checkGradient((a: Tensor) => pow(a, exponent), x);
    await checkGradient((a: Tensor) => grad((b: Tensor) => pow(b, exponent).sum())(a), x);
    const { tangent } = jvp((a: Tensor) => pow(a, exponent), x, tensor([1, 1, 1], { dtype: "float64" }));
    const expected = [0.4, 1.3, 2.2].map((value) => exponent * value ** (exponent - 1));
    for (const [i, value] of (await tangent.data()).entries()) expect(value).toBeCloseTo(expected[i]!, 12);
  });

  it("keeps 0 where a base of 0 has a derivative of 0, and is done for many examples at once", async () => {
    const slope = await grad((a: Tensor) => pow(a, exponent).sum())(tensor([0])).data();
    if (exponent === 0 || exponent > 1) expect(slope[0]).toBe(0);
    if (exponent === 1) expect(slope[0]).toBe(1);
    const rows = tensor([
      [1, 2],
      [3, 4],
    ]);
    const ours = await vmap((row: Tensor) => pow(row, exponent))(rows).data();
    expect(ours).toEqual(await pow(rows, exponent).data());
  });
});

it("makes whole numbers float", async () => {
  const y = pow(tensor([3, -2], { dtype: "int32" }), 2);
  expect(y.dtype).toBe("float32");
  expect([...(await y.data())]).toEqual([9, 4]);
});

it("gives gradients of their inputs' dtypes, and its name where something is wrong", async () => {
  const double = tensor([2, 3], { dtype: "float64" });
  const slope = grad((x: Tensor) => pow(x, double).sum())(tensor([1, 2]));
  expect(slope.dtype).toBe("float32");
  expect([...(await slope.data())]).toEqual([2, 12]);
  expect(() => pow(tensor([1, 2]), tensor([1, 2], { device: "plain" }))).toThrow(/^pow: one tensor is on cpu/);
});
