import { describe, expect, it } from "vitest";
import { grad, type Tensor, tensor } from "../../src/index.ts";

/** Weights of the net of figures 1c and 1d of LeCun, Bengio and Hinton (2015), input → H1 → H2 → output, and an example. */
const sizes = [3, 4, 3, 2];
const number = (i: number) => Math.sin(3 * i + 1) * 1.3;
const weights = sizes
  .slice(1)
  .map((to, l) =>
    Array.from({ length: to }, (_, j) => Array.from({ length: sizes[l]! }, (_, i) => number(100 * l + 10 * j + i))),
  );
const input = [0.8, -0.6, 0.3];
const target = [0.2, 0.9];

const units = {
  logistic: {
    f: (z: number) => 1 / (1 + Math.exp(-z)),
    slope: (z: number) => {
      const y = 1 / (1 + Math.exp(-z));
      return y * (1 - y);
    },
    of: (z: Tensor) => z.sigmoid(),
  },
  tanh: { f: Math.tanh, slope: (z: number) => 1 - Math.tanh(z) ** 2, of: (z: Tensor) => z.tanh() },
  rectifier: { f: (z: number) => Math.max(0, z), slope: (z: number) => Number(z > 0), of: (z: Tensor) => z.relu() },
};

/** The equations of the figure with loops. */
function byHand({ f, slope }: (typeof units)[keyof typeof units]) {
  const [z, y]: [number[][], number[][]] = [[], [input]];
  for (const layer of weights) {
    const below = y.at(-1)!;
    z.push(layer.map((row) => row.reduce((sum, w, i) => sum + w * below[i]!, 0)));
    y.push(z.at(-1)!.map(f));
  }
  const [dz, dy, dw]: [number[][], number[][], number[][][]] = [[], [], []];
  dy[3] = y[3]!.map((value, k) => value - target[k]!);
  for (let l = 2; l >= 0; l--) {
    dz[l] = dy[l + 1]!.map((value, j) => value * slope(z[l]![j]!));
    dw[l] = dz[l]!.map((value) => y[l]!.map((below) => value * below));
    dy[l] = y[l]!.map((_, i) => dz[l]!.reduce((sum, value, j) => sum + value * weights[l]![j]![i]!, 0));
  }
  return { z, y, dz, dy, dw };
}

/** The same through the tape: what is added to every z and y is zero, and has the derivative of what it is added to. */
function byTape(of: (z: Tensor) => Tensor) {
  const float = (values: number[] | number[][]) => tensor(values, { dtype: "float64" });
  const point = {
    w: weights.map(float),
    z: sizes.slice(1).map((n) => float(Array.from({ length: n }, () => 0))),
    y: sizes.map((n) => float(Array.from({ length: n }, () => 0))),
  };
  const seen: { z: Tensor[]; y: Tensor[] } = { z: [], y: [] };
  const error = ({ w, z, y }: typeof point) => {
    let value: Tensor = float(input).add(y[0]!);
    seen.y[0] = value;
    w.forEach((layer, l) => {
      seen.z[l] = layer.matmul(value.expandDims(1)).squeeze(1).add(z[l]!);
      value = of(seen.z[l]!).add(y[l + 1]!);
      seen.y[l + 1] = value;
    });
    return value.sub(float(target)).square().sum().mul(0.5);
  };
  return { gradient: grad(error)(point), seen };
}

describe("forward and backward pass of a net with two hidden layers", () => {
  it.each(Object.entries(units))(
    "of %s units: every z, y, ∂E/∂y, ∂E/∂z and ∂E/∂w by hand is that of the tape",
    async (_, unit) => {
      const hand = byHand(unit);
      const { gradient, seen } = byTape(unit.of);
      const same = async (tape: Tensor, expected: readonly number[]) => {
        const values = await tape.data();
        expect(values).toHaveLength(expected.length);
        for (const [i, value] of values.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-12);
      };
      for (let l = 0; l < 3; l++) {
        await same(seen.z[l]!, hand.z[l]!);
        await same(gradient.z[l]!, hand.dz[l]!);
        await same(gradient.w[l]!, hand.dw[l]!.flat());
      }
      for (let l = 0; l < 4; l++) {
        await same(seen.y[l]!, hand.y[l]!);
        await same(gradient.y[l]!, hand.dy[l]!);
      }
      // For ½(y − t)² the error's derivative at the output is y − t.
      const outputs = await seen.y[3]!.data();
      await same(
        gradient.y[3]!,
        target.map((t, k) => outputs[k]! - t),
      );
    },
  );
});
