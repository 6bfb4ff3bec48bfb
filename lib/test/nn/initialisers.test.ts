import { describe, expect, it } from "vitest";
import { nn, random, type Tensor } from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

const key = random.seed(11);

/** Mean and variance of many draws. */
async function moments(initialiser: nn.Initialiser, shape: readonly number[]) {
  const values = await initialiser(shape, key).data();
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  return { mean, variance, largest: values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) };
}

describe("initialisers", () => {
  it.each<[string, nn.Initialiser, number, number]>([
    ["fanInUniform", nn.fanInUniform(), 1 / (3 * 250), 1 / Math.sqrt(250)],
    ["lecunUniform", nn.lecunUniform(), 1 / 250, Math.sqrt(3 / 250)],
    ["lecunNormal", nn.lecunNormal(), 1 / 250, Number.POSITIVE_INFINITY],
    ["glorotUniform", nn.glorotUniform(), 2 / 750, Math.sqrt(6 / 750)],
    ["glorotNormal", nn.glorotNormal(), 2 / 750, Number.POSITIVE_INFINITY],
    ["heUniform", nn.heUniform(), 2 / 250, Math.sqrt(6 / 250)],
    ["heNormal", nn.heNormal(), 2 / 250, Number.POSITIVE_INFINITY],
    ["heNormal of a leaky rectifier", nn.heNormal(undefined, { slope: 0.5 }), 2 / 250 / 1.25, Number.POSITIVE_INFINITY],
    ["heNormal with a fan-in", nn.heNormal(10), 0.2, Number.POSITIVE_INFINITY],
    ["normalInit", nn.normalInit(0.3), 0.09, Number.POSITIVE_INFINITY],
    // The variance of a normal distribution cut off at two deviations is 0.7737.
    ["truncatedNormal", nn.truncatedNormal(0.5), 0.25 * 0.7737, 1.000001],
  ])("%s has the variance it is meant to have", async (_name, initialiser, variance, bound) => {
    const found = await moments(initialiser, [500, 250]);
    expect(Math.abs(found.mean)).toBeLessThan(4 * Math.sqrt(variance / 125_000));
    expect(found.variance / variance).toBeGreaterThan(0.98);
    expect(found.variance / variance).toBeLessThan(1.02);
    expect(found.largest).toBeLessThanOrEqual(bound);
  });

  it("count the places of a filter", async () => {
    const { largest } = await moments(nn.lecunUniform(), [20, 10, 5, 5]);
    expect(largest).toBeLessThanOrEqual(Math.sqrt(3 / 250));
    expect(largest).toBeGreaterThan(0.99 * Math.sqrt(3 / 250));
  });

  it.each([[[5, 5]], [[3, 7]], [[7, 3]], [[4, 2, 3]]])(
    "orthogonalInit of %j has orthonormal rows or columns",
    async (shape) => {
      const w = nn.orthogonalInit(2)(shape, key).reshape([shape[0]!, -1]);
      const [rows, columns] = w.shape as [number, number];
      const gram = (await (rows <= columns
        ? w.matmul(w.transpose())
        : w.transpose().matmul(w)
      ).toArray()) as number[][];
      for (const [i, row] of gram.entries())
        for (const [j, value] of row.entries()) expect(value).toBeCloseTo(i === j ? 4 : 0, 5);
    },
  );

  it("sparseInit gives every unit as many connections", async () => {
    const w = (await nn.sparseInit({ connections: 4 })([6, 20], key).toArray()) as number[][];
    for (const row of w) expect(row.filter((value) => value !== 0).length).toBe(4);
    expect(new Set(w.map((row) => row.map((value) => value !== 0).join())).size).toBeGreaterThan(1);
    const few = (await nn.sparseInit()([2, 3], key).toArray()) as number[][];
    expect(few.flat().filter((value) => value === 0)).toEqual([]);
  });

  it("identityInit passes on what comes in, through matrices and filters", async () => {
    expect(await nn.identityInit([2, 3], key).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    const conv = nn.init(new nn.Conv2d(2, 2, 3, { padding: 1, initialiser: nn.identityInit, bias: false }), {
      seed: 1,
    });
    const x = key.normal([1, 2, 4, 4]);
    expect(await conv.forward(x).toArray()).toEqual(await x.toArray());
  });

  it("are chosen by path pattern, and do not change what others draw", async () => {
    class Net extends nn.Module {
      readonly first = new nn.Linear(3, 4);
      readonly last = new nn.Linear(4, 2);
    }
    const plain = nn.init(new Net(), { seed: 1 });
    const net = nn.init(new Net(), { seed: 1, initialisers: { "*.bias": nn.zerosInit, "last.*": nn.onesInit } });
    expect(await net.last.bias!.toArray()).toEqual([0, 0]);
    expect(new Set(await net.last.weight.data())).toEqual(new Set([1]));
    expect(await net.first.weight.data()).toEqual(await plain.first.weight.data());
  });
});

describe("a mistake in initialising", () => {
  const mistakes: readonly Mistake[] = [
    ["a fan-in of a bias", () => nn.heNormal()([3], key), /\[3\] has no fan-in, expected weights.*zerosInit/],
    ["an orthogonal bias", () => nn.orthogonalInit()([3], key), /nn\.orthogonalInit: .*\[3\] has no fan-in/],
    ["no connections", () => nn.sparseInit({ connections: 0 }), /connections is 0, expected a positive integer/],
    ["a cut at nothing", () => nn.truncatedNormal(1, { cut: 0 }), /cut is 0, expected a positive number/],
    [
      "a pattern that nothing matches",
      () => nn.init(new nn.Linear(1, 1), { seed: 1, initialisers: { "*.weights": nn.zerosInit } }),
      /no path matches \*\.weights, expected one of weight, bias/,
    ],
    ["no seed", () => nn.init(new nn.Linear(1, 1), {} as never), /no seed, expected one/],
  ];
  refused(mistakes);
});

it("an initialiser of one's own is a function of shape and key", async () => {
  const mine: nn.Initialiser = (shape, own) => own.uniform(shape, { low: 2, high: 3 }) as Tensor<"float32">;
  const net = nn.init(new nn.Linear(3, 2, { initialiser: mine }), { seed: 1 });
  for (const value of await net.weight.data()) expect(value).toBeGreaterThanOrEqual(2);
});
