import { describe, expect, it } from "vitest";
import {
  checkGradient,
  checkpoint,
  checkSecond,
  customPullback,
  grad,
  stopGradient,
  type Tensor,
  tensor,
} from "../../src/index.ts";

const f64 = (values: number[]) => tensor(Float64Array.from(values), { dtype: "float64" });

describe("customPullback", () => {
  it("is the function forwards and the pullback backwards", async () => {
    const double = customPullback(
      (x: Tensor) => x.mul(x),
      (g) => [g.mul(10)],
    );
    expect(await double(f64([3])).toArray()).toEqual([9]);
    expect(await grad((x: Tensor) => double(x).sum())(f64([3, 4])).toArray()).toEqual([10, 10]);
  });

  it("has a second derivative", async () => {
    const square = customPullback(
      (x: Tensor) => x.mul(x),
      (g, [x]) => [g.mul(x).mul(2)],
    );
    await checkSecond((x) => square(x).mul(x), f64([0.5, -1.5]));
  });

  it("may return its argument", async () => {
    const reversed = customPullback(
      (x: Tensor) => x,
      (g) => [g.neg()],
    );
    expect(await grad((x: Tensor) => reversed(x).sum())(f64([1])).toArray()).toEqual([-1]);
  });

  it("refuses tensors whose derivative would be lost, and cotangents of another shape", () => {
    const outside = (x: Tensor) =>
      customPullback(
        (y: Tensor) => y.mul(x),
        (g) => [g],
      )(f64([1])).sum();
    expect(() => grad(outside)(f64([1]))).toThrow(/customPullback: the function uses a tensor of shape/);
    const wrong = customPullback(
      (x: Tensor) => x.exp(),
      (g) => [g.sum()],
    );
    expect(() => grad((x: Tensor) => wrong(x).sum())(f64([1, 2]))).toThrow(/for argument 0, expected/);
  });
});

describe("checkpoint", () => {
  it("has the derivatives of the function, also when an argument is given twice", async () => {
    const block = checkpoint((x: Tensor, y: Tensor) => x.exp().mul(y).mul(y));
    await checkGradient((x) => block(x, x), f64([0.3, -0.8]));
    await checkSecond((x) => block(x, x.mul(2)), f64([0.3, -0.8]));
  });

  it("runs the function again on the way back", async () => {
    let runs = 0;
    const block = checkpoint((x: Tensor) => {
      runs++;
      return x.exp();
    });
    grad((x: Tensor) => block(x).sum())(f64([1]));
    expect(runs).toBe(2);
  });
});

describe("stopGradient", () => {
  it("is a constant for the derivative", async () => {
    expect(await grad((x: Tensor) => x.mul(stopGradient(x)).sum())(f64([3])).toArray()).toEqual([3]);
  });
});
