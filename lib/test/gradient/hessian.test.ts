import { describe, expect, test } from "vitest";
import { grad, hessian, hvp, jacobian, matmul, nn, type Tensor, tensor } from "../../src/index.ts";

const float = (values: number[], shape = [values.length]) =>
  tensor(Float64Array.from(values), { shape, dtype: "float64" });
const numbers = async (x: Tensor) => Array.from(await x.data(), Number);

async function near(x: Tensor, expected: readonly number[], tolerance = 1e-12) {
  const values = await numbers(x);
  expect(values.length).toBe(expected.length);
  for (const [i, value] of values.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(tolerance);
}

describe("jacobian", () => {
  test("of x² is diagonal", async () => {
    const j = jacobian((x: Tensor) => x.mul(x))(float([1, 2, 3]));
    expect(j.shape).toEqual([3, 3]);
    await near(j, [2, 0, 0, 0, 4, 0, 0, 0, 6]);
  });

  test("products of Jacobians are the finite differences of the whole", async () => {
    const w = float([0.3, -0.7, 1.1, 0.4, 0.9, -0.2], [2, 3]);
    const inner = (x: Tensor) => x.mul(x).exp();
    const outer = (y: Tensor) => matmul(w, y.expandDims(1)).reshape([2]).tanh();
    const at = [0.3, -0.5, 0.8];
    const x = float(at);
    const product = matmul(jacobian(outer)(inner(x)), jacobian(inner)(x));
    const expected = [0, 0, 0, 0, 0, 0];
    for (let k = 0; k < 3; k++) {
      const moved = (step: number) => numbers(outer(inner(float(at.map((v, i) => (i === k ? v + step : v))))));
      const [up, down] = [await moved(1e-5), await moved(-1e-5)];
      for (let i = 0; i < 2; i++) expected[i * 3 + k] = (up[i]! - down[i]!) / 2e-5;
    }
    await near(product, expected, 1e-6);
  });

  test("of trees has one tensor for every pair", async () => {
    const j = jacobian(({ a, b }: { a: Tensor; b: Tensor }) => [a.mul(b), b.sum()] as const)({
      a: float([1, 2]),
      b: float([3, 4]),
    });
    await near(j[0].a, [3, 0, 0, 4]);
    await near(j[0].b, [1, 0, 0, 2]);
    await near(j[1].a, [0, 0]);
    await near(j[1].b, [1, 1]);
  });
});

describe("hessian", () => {
  const cubic = (x: Tensor) => x.mul(x).mul(x).sum().add(x.sum().mul(x.sum()));

  test("of a cubic is its closed form, and the Jacobian of its gradient", async () => {
    const x = float([1, -2]);
    const expected = [8, 2, 2, -10];
    await near(hessian(cubic)(x), expected);
    await near(jacobian(grad(cubic))(x), expected);
  });

  test("times a direction is hvp", async () => {
    await near(hvp(cubic, float([1, -2]), float([0.5, 3])), [10, -29]);
  });

  test("of trees has the mixed derivatives", async () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }) => a.mul(a).mul(b).sum();
    const at = { a: float([2]), b: float([5]) };
    const h = hessian(f)(at);
    await near(h.a.a, [10]);
    await near(h.a.b, [4]);
    await near(h.b.a, [4]);
    await near(h.b.b, [0]);
    const product = hvp(f, at, { a: float([1]), b: float([10]) });
    await near(product.a, [50]);
    await near(product.b, [4]);
  });

  test("refuses a direction of another shape", () => {
    expect(() => hvp(cubic, float([1, 2]), float([1]))).toThrow(/the direction is/);
  });
});

describe("at a model", () => {
  class Product extends nn.Module {
    readonly a = nn.parameter([2], nn.onesInit);
    readonly b = nn.parameter([], nn.onesInit);
    readonly shared = this.a;
  }
  const model = () => nn.init(new Product(), { seed: 1 });
  // f = b · Σ a² · a', with a' the same parameter: b · Σ a³.
  const f = ({ a, b, shared }: Product) => a.square().mul(shared).sum().mul(b);

  test("a shared parameter is one, and the model is left as it was", async () => {
    const at = model();
    const before = at.a;
    const h = hessian(f)(at);
    expect([...h.keys()]).toEqual(["a", "b"]);
    await near(h.get("a")!.get("a")!, [6, 0, 0, 6], 1e-5);
    await near(h.get("a")!.get("b")!, [3, 3], 1e-5);
    await near(h.get("b")!.get("b")!, [0], 1e-5);
    expect(at.a).toBe(before);
    expect(at.shared).toBe(before);
    const j = jacobian((m: Product) => m.a.mul(m.b))(at);
    await near(j.get("a")!, [1, 0, 0, 1], 1e-6);
    const along = hvp(
      f,
      at,
      new Map([
        ["a", tensor([1, 2])],
        ["b", tensor(1)],
      ]),
    );
    await near(along.get("a")!, [9, 15], 1e-5);
    await near(along.get("b")!, [9], 1e-5);
  });
});

test("each speaks for itself when something does not fit", () => {
  const whole = tensor([1, 2], { dtype: "int32" });
  const many = (x: Tensor) => x.mul(2);
  expect(() => jacobian(many)(whole)).toThrow(/^jacobian: the point is int32/);
  expect(() => jacobian(() => 3)(float([1]))).toThrow(/^jacobian: the result is a number/);
  expect(() => hessian(many)(float([1, 2]))).toThrow(/^hessian: the function returned \[2\], expected one number/);
  expect(() => hvp(many, float([1, 2]), float([1, 2]))).toThrow(/^hvp: the function returned/);
});
