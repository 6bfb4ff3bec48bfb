import { describe, expect, it } from "vitest";
import { losses, nn, optim, type Tensor, tanh, tensor } from "../../src/index.ts";
import { drawn, pythonHasScipy, seed } from "../golden/python.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

const methods = ["lbfgs", "conjugateGradient", "hessianFree"] as const;
const f64 = { dtype: "float64" } as const;

async function last<T>(steps: AsyncIterable<T>): Promise<T> {
  let found: T | undefined;
  for await (const step of steps) found = step;
  return found!;
}

/** Rosenbrock's valley in n dimensions. */
function rosenbrock(x: Tensor): Tensor {
  const n = x.shape[0]!;
  const [head, tail] = [x.at(`0:${n - 1}`), x.at(`1:${n}`)];
  return tail.sub(head.square()).square().mul(100).add(head.neg().add(1).square()).sum();
}

class Net extends nn.Module {
  readonly hidden = new nn.Linear(2, 5);
  readonly output = new nn.Linear(5, 1);
  forward(x: Tensor): Tensor {
    return this.output.forward(tanh(this.hidden.forward(x)));
  }
}

const x = tensor([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]);
const y = tensor([[0], [1], [1], [0]]);

interface Reference {
  readonly start: readonly number[];
  readonly fun: number;
  readonly x: readonly number[];
  readonly evaluations: number;
}

describe.skipIf(!pythonHasScipy())("Rosenbrock's valley against scipy", () => {
  const cases = () => drawn<Reference>(new URL("./rosenbrock.py", import.meta.url), seed, 6);

  it.each(methods)("%s reaches the minimum that scipy's BFGS reaches", async (method) => {
    for (const { start, x: there, evaluations } of cases()) {
      const found = await last(
        optim.minimise(tensor(start, f64), rosenbrock, { method, iterations: 1000, tolerance: 1e-7 }),
      );
      const what = `GRADBOOK_SEED=${seed}, from ${start}: ${found.iteration} steps, ${found.evaluations} evaluations`;
      expect(found.converged, what).toBe(true);
      const values = await found.point.data();
      there.forEach((value, i) => {
        expect(Math.abs(values[i]! - value), what).toBeLessThan(1e-5);
      });
      if (method === "lbfgs") expect(found.evaluations, what).toBeLessThan(4 * evaluations + 20);
    }
  });
});

describe("minimise", () => {
  it.each(methods)("%s trains a small net on XOR until its outputs are right", async (method) => {
    const model = nn.init(new Net(), { seed: 3 });
    const f = {
      output: (m: Net) => m.forward(x),
      loss: (out: Tensor) => losses.squaredError(out, y),
    };
    const found = await last(optim.minimise(model, f, { method, iterations: 300, tolerance: 1e-4 }));
    expect(found.value).toBeLessThan(1e-3);
    expect(await losses.squaredError(model.forward(x), y).item()).toBeCloseTo(found.value, 6);
  });

  it("solves least squares as linear algebra does", async () => {
    const a = tensor(
      [
        [2, 1],
        [1, 3],
        [0, 1],
      ],
      f64,
    );
    const b = tensor([1, 2, 3], f64);
    const solution = a.transpose().matmul(a).inverse().matmul(a.transpose()).matmul(b.expandDims(1)).squeeze(1);
    for (const method of methods) {
      const f = {
        output: (p: Tensor) => a.matmul(p.expandDims(1)).squeeze(1),
        loss: (r: Tensor) => r.sub(b).square().sum(),
      };
      const { point } = await last(
        optim.minimise(tensor([0, 0], f64), f, { method, tolerance: 1e-9, iterations: 500 }),
      );
      const [found, expected] = [await point.data(), await solution.data()];
      expected.forEach((value, i) => {
        expect(found[i]!).toBeCloseTo(value, 7);
      });
    }
  });

  it("multiplies with the Gauss–Newton matrix: one undamped step solves what is linear in its parameters", async () => {
    const f = { output: (p: Tensor) => p.mul(tensor([1, 10], f64)), loss: (r: Tensor) => r.sub(1).square().sum() };
    const options = { method: "hessianFree", damping: 1e-12, iterations: 1 } as const;
    const { point } = await last(optim.minimise(tensor([5, 5], f64), f, options));
    const found = await point.data();
    expect(found[0]!).toBeCloseTo(1, 6);
    expect(found[1]!).toBeCloseTo(0.1, 6);
  });

  it("changes a tree of tensors and keeps its form", async () => {
    const start = { a: tensor([3], f64), b: [tensor([[1, -2]], f64)] as const };
    const f = ({ a, b }: typeof start) => a.sub(1).square().sum().add(b[0].square().sum());
    const { point } = await last(optim.minimise(start, f, { tolerance: 1e-8 }));
    expect(point.b[0].shape).toEqual([1, 2]);
    expect((await point.a.data())[0]!).toBeCloseTo(1, 7);
  });

  it("never goes up, and stops at break with the model where it was", async () => {
    const model = nn.init(new Net(), { seed: 1 });
    const values: number[] = [];
    for await (const { value, iteration } of optim.minimise(model, (m) => losses.squaredError(m.forward(x), y))) {
      values.push(value);
      if (iteration === 5) break;
    }
    expect(values.length).toBe(6);
    values.slice(1).forEach((value, i) => {
      expect(value).toBeLessThanOrEqual(values[i]!);
    });
    expect(await losses.squaredError(model.forward(x), y).item()).toBeCloseTo(values[5]!, 6);
  });

  it("ends at once where the start is the minimum", async () => {
    const found = await last(optim.minimise(tensor([0, 0], f64), (p) => p.square().sum()));
    expect(found).toMatchObject({ iteration: 0, converged: true, evaluations: 1 });
  });

  it.each([0, 1, 3])("makes %i steps at most", async (iterations) => {
    for (const method of ["lbfgs", "conjugateGradient", "hessianFree"] as const) {
      const found = await last(optim.minimise(tensor([-1, 2, 1], f64), rosenbrock, { method, iterations }));
      expect(found.iteration).toBe(iterations);
      if (iterations === 0) expect(await found.point.toArray()).toEqual([-1, 2, 1]);
    }
  });

  it("obeys a signal", async () => {
    const controller = new AbortController();
    const run = async () => {
      const steps = optim.minimise(tensor([-1, 2, 1], f64), rosenbrock, { signal: controller.signal });
      for await (const { iteration } of steps) if (iteration === 2) controller.abort();
    };
    await expect(run()).rejects.toThrow(/abort/i);
  });
});

describe("a mistake in minimising", () =>
  refused([
    [
      "a method that is none",
      () => last(optim.minimise(tensor([1]), (p) => p.sum(), { method: "newton" as never })),
      /method is newton, expected lbfgs/,
    ],
    ...[-1, Number.NaN, 1.5].map(
      (iterations): Mistake => [
        `${iterations} steps`,
        () => last(optim.minimise(tensor([1]), (p) => p.square().sum(), { iterations })),
        /iterations is (-1|NaN|1\.5), expected a whole number of 0 or more/,
      ],
    ),
    ...[-1, Number.NaN].map(
      (tolerance): Mistake => [
        `a tolerance of ${tolerance}`,
        () => last(optim.minimise(tensor([1]), (p) => p.square().sum(), { tolerance })),
        /tolerance is (-1|NaN), expected a number of 0 or more/,
      ],
    ),
    ...[0, -1, Number.NaN].map(
      (memory): Mistake => [
        `a memory of ${memory}`,
        () => last(optim.minimise(tensor([1]), (p) => p.square().sum(), { memory })),
        /memory is (0|-1|NaN), expected a positive integer/,
      ],
    ),
    [
      "a function of many numbers",
      () => last(optim.minimise(tensor([1, 2]), (p) => p.mul(2))),
      /returned \[2\], expected one number/,
    ],
    [
      "a start that is not finite",
      () => last(optim.minimise(tensor([-1]), (p) => p.log().sum())),
      /the function is NaN at the start.*Start elsewhere/,
    ],
    [
      "whole numbers",
      () => last(optim.minimise(tensor([1], { dtype: "int32" }), (p) => p.sum())),
      /the point holds int32, expected floats/,
    ],
    [
      "nothing to change",
      () => last(optim.minimise([] as Tensor[], () => tensor(1))),
      /nothing to change, expected at least one tensor/,
    ],
  ]));
