import { describe, expect, it } from "vitest";
import { random, scan, type Tensor, tensor, valueAndGrad } from "../../src/index.ts";

type Matrix = number[][];
const times = (a: Matrix, v: readonly number[]) => a.map((row) => row.reduce((sum, x, i) => sum + x * v[i]!, 0));
const backwards = (a: Matrix, v: readonly number[]) =>
  a[0]!.map((_, j) => a.reduce((s, row, i) => s + row[j]! * v[i]!, 0));
const outer = (a: readonly number[], b: readonly number[]): Matrix => a.map((x) => b.map((y) => x * y));
const plus = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((x, j) => x + b[i]![j]!));
const none = (a: Matrix): Matrix => a.map((row) => row.map(() => 0));

const [steps, inputs, hidden, outputs] = [6, 2, 3, 2];

/** s ← tanh(U x + W s), o = V s, E = ½ Σ (o − t)²: the net of the review's figure 5. */
async function setting() {
  const key = random.seed(15);
  const draw = async (name: string, rows: number, columns: number) =>
    (await key.child(name).normal([rows, columns], { std: 0.6 }).toArray()) as Matrix;
  return {
    U: await draw("U", hidden, inputs),
    V: await draw("V", outputs, hidden),
    W: await draw("W", hidden, hidden),
    x: await draw("x", steps, inputs),
    t: await draw("t", steps, outputs),
  };
}

/** Each step's part of the derivatives, by hand; the error goes back for at most as many steps as the window has. */
function byHand({ U, V, W, x, t }: Awaited<ReturnType<typeof setting>>, window: number) {
  const states: number[][] = [new Array<number>(hidden).fill(0)];
  for (const at of x) {
    const [input, before] = [times(U, at), times(W, states.at(-1)!)];
    states.push(input.map((value, i) => Math.tanh(value + before[i]!)));
  }
  let total = { U: none(U), V: none(V), W: none(W) };
  let error = new Array<number>(hidden).fill(0);
  for (let step = steps; step >= 1; step--) {
    // Between two windows nothing goes back.
    if (step % window === 0 && step < steps) error = error.map(() => 0);
    const state = states[step]!;
    const out = times(V, state).map((value, i) => value - t[step - 1]![i]!);
    const here = backwards(V, out).map((value, i) => value + error[i]!);
    const inner = here.map((value, i) => value * (1 - state[i]! ** 2));
    total = {
      U: plus(total.U, outer(inner, x[step - 1]!)),
      V: plus(total.V, outer(out, state)),
      W: plus(total.W, outer(inner, states[step - 1]!)),
    };
    error = backwards(W, inner);
  }
  return total;
}

describe("a recurrent net unfolded in time", () => {
  it.each([Number.POSITIVE_INFINITY, steps, 4, 1])(
    "has the derivatives of its steps added up, window %d",
    async (window) => {
      const given = await setting();
      const double = (values: Matrix) => tensor(values, { dtype: "float64" });
      const weights = { U: double(given.U), V: double(given.V), W: double(given.W) };
      const start = tensor(new Array(hidden).fill(0), { dtype: "float64" });
      const product = (a: Tensor, v: Tensor) => a.matmul(v.expandDims(1)).squeeze(1);
      const { gradient } = valueAndGrad(weights, ({ U, V, W }) => {
        const step = (s: Tensor, x: Tensor) => {
          const carry = product(U, x).add(product(W, s)).tanh();
          return { carry, y: product(V, carry) };
        };
        return scan(step, start, { xs: double(given.x), window })
          .ys.sub(double(given.t))
          .square()
          .sum()
          .div(2);
      });
      const expected = byHand(given, window);
      for (const name of ["U", "V", "W"] as const) {
        const found = (await gradient[name].toArray()) as Matrix;
        for (const [i, row] of found.entries())
          for (const [j, value] of row.entries()) expect(Math.abs(value - expected[name][i]![j]!)).toBeLessThan(1e-12);
      }
      if (window < steps) expect(expected.W).not.toEqual(byHand(given, steps).W);
    },
  );

  it("says what does not fit", () => {
    const step = (s: Tensor, x: Tensor) => ({ carry: s, y: x });
    expect(() => scan(step, tensor(0), { xs: tensor([]) })).toThrow(/xs has no steps/);
    expect(() => scan(step, tensor(0), { xs: tensor([1]), window: 1.5 })).toThrow(
      /window is 1\.5, expected a whole number/,
    );
  });
});
