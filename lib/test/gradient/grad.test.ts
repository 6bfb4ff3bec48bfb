import { describe, expect, it } from "vitest";
import { checkGradient, grad, jvp, nn, type Tensor, tensor, valueAndGrad, vjp } from "../../src/index.ts";

const f64 = (values: number | number[]) => tensor(values, { dtype: "float64" });

describe("grad", () => {
  it("nests to any order: the derivatives of x⁴", async () => {
    const power = (x: Tensor) => x.mul(x).mul(x).mul(x).sum();
    const total = (f: (x: Tensor) => Tensor) => (x: Tensor) => grad(f)(x).sum();
    const at = f64(3);
    expect(await grad(power)(at).item()).toBeCloseTo(108, 10);
    expect(await grad(total(power))(at).item()).toBeCloseTo(108, 10);
    expect(await grad(total(total(power)))(at).item()).toBeCloseTo(72, 10);
    expect(await grad(total(total(total(power))))(at).item()).toBeCloseTo(24, 10);
  });

  it("does not confuse the variable of an inner derivative with that of an outer one", async () => {
    // d/dx [x · d/dy (x + y) at y = x] = d/dx [x · 1] = 1
    const f = (x: Tensor) => x.mul(grad((y: Tensor) => x.add(y).sum())(x)).sum();
    expect(await grad(f)(f64(5)).item()).toBe(1);
    // d/dx [x · d/dy (x · y) at y = x] = d/dx [x · x] = 2x
    const g = (x: Tensor) => x.mul(grad((y: Tensor) => x.mul(y).sum())(x)).sum();
    expect(await grad(g)(f64(5)).item()).toBe(10);
  });

  it("takes trees and gives trees", async () => {
    const point = { w: f64([1, 2]), rest: [f64(3)] as const };
    const { value, gradient } = valueAndGrad(point, ({ w, rest }) => w.mul(w).sum().mul(rest[0]));
    expect(await value.item()).toBe(15);
    expect(await gradient.w.toArray()).toEqual([6, 12]);
    expect(await gradient.rest[0].item()).toBe(5);
  });

  it("gives zeros for what has no influence", async () => {
    const { gradient } = valueAndGrad([f64([1, 2]), f64(1)], ([, b]) => b!.mul(2));
    expect(await gradient[0]!.toArray()).toEqual([0, 0]);
  });

  it("counts a shared parameter once, with the sum of its derivatives", async () => {
    class Tied extends nn.Module {
      a = nn.parameter([1], nn.constantInit(3));
      b = this.a;
    }
    const model = nn.init(new Tied(), { seed: 0 });
    const { gradient } = valueAndGrad(model, ({ a, b }) => a.mul(b).sum());
    expect([...gradient.keys()]).toEqual(["a"]);
    expect(await gradient.get("a")!.item()).toBe(6);
  });

  it("refuses integers, and functions that return more than one number", () => {
    expect(() => grad((x: Tensor) => x.sum())(tensor(Int32Array.of(1)) as Tensor)).toThrow(
      'grad: the point is int32, which has no derivative. Cast it: x.cast("float32").',
    );
    expect(() => grad((x: Tensor) => x)(f64([1, 2]))).toThrow(
      "grad: the function returned [2], expected one number. Sum or average it: y.mean().",
    );
  });

  it("leaves nothing behind on the model when the loss throws", () => {
    const model = nn.init(new nn.Linear(2, 1), { seed: 0 });
    const before = model.weight;
    expect(() =>
      valueAndGrad(model, () => {
        throw new Error("on purpose");
      }),
    ).toThrow("on purpose");
    expect(model.weight).toBe(before);
  });
});

describe("vjp and jvp", () => {
  it("agree with the Jacobian of a vector function", async () => {
    // f(x, y) = (x·y, x + y²), Jacobian [[y, x], [1, 2y]]
    const f = (p: Tensor) => {
      const [x, y] = [p.slice({ axis: 0, stop: 1 }), p.slice({ axis: 0, start: 1 })];
      return x
        .mul(y)
        .pad({ before: [0], after: [1] })
        .add(x.add(y.mul(y)).pad({ before: [1], after: [0] }));
    };
    const at = f64([2, 3]);
    expect(
      await vjp(f, at)
        .pullBack(f64([1, 10]))
        .toArray(),
    ).toEqual([3 + 10, 2 + 60]);
    expect(await jvp(f, at, f64([1, 10])).tangent.toArray()).toEqual([3 + 20, 1 + 60]);
  });

  it("carry back to several tensors, and to a model, as the gradient of the weighted sum does", async () => {
    const point = { x: f64([1, 2]), of: [f64([3, 4])] };
    const f = ({ x, of: [y] }: typeof point) => x.mul(y!).mul(x);
    const cotangent = f64([5, -1]);
    const { value, pullBack } = vjp(f, point);
    expect(await value.toArray()).toEqual([3, 16]);
    const back = pullBack(cotangent);
    expect([await back.x.toArray(), await back.of[0]!.toArray()]).toEqual([
      [30, -16],
      [5, -4],
    ]);
    const line = nn.init(new nn.Linear(2, 3), { seed: 1 });
    const x = tensor([[1, 2]]);
    const weights = tensor([[1, -2, 3]]);
    const found = vjp((m: typeof line) => m.forward(x), line).pullBack(weights);
    const { gradient } = valueAndGrad(line, (m) => m.forward(x).mul(weights).sum());
    expect([...found.keys()]).toEqual(["weight", "bias"]);
    for (const [path, g] of found) expect(await g.toArray()).toEqual(await gradient.get(path)!.toArray());
    expect(() => vjp((m: typeof line) => m.forward(x), line).pullBack(tensor([1]))).toThrow(/the cotangent is \[1\]/);
  });
});

describe("checkGradient", () => {
  it("finds a derivative that is wrong", async () => {
    // |x| through its square: the derivative of the detached factor is missing on purpose.
    const wrong = (x: Tensor) => x.mul(x.round()).add(x.mul(0.5));
    await expect(checkGradient((x) => wrong(x).add(x.round().mul(x)), f64([0.49999999, 1.3]))).rejects.toThrow(
      /checkGradient: at element 0 of \[2\] the derivative is/,
    );
  });
});
