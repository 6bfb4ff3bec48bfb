import { describe, expect, it } from "vitest";
import { grad, nn, optim, random, type Tensor, tensor, train, valueAndGrad, zeros } from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

const numbers = async (x: Tensor) => Array.from(await x.data(), Number);
const states = (n: number) =>
  Array.from({ length: 2 ** n }, (_, i) => Array.from({ length: n }, (_, k) => (i >> k) & 1));
const logSum = (values: readonly number[]) => {
  const top = Math.max(...values);
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
};

/** A machine whose weights matter. */
function machine(visible: number, hidden: number, options: nn.RBMOptions = {}) {
  const wide: nn.Initialiser = (shape, key) => key.normal(shape, { std: 1 });
  return nn.init(new nn.RBM(visible, hidden, options), {
    seed: 3,
    initialisers: { weight: wide, visibleBias: wide, hiddenBias: wide },
  });
}

async function energies(rbm: nn.RBM) {
  const [w, b, c] = await Promise.all([rbm.weight, rbm.visibleBias, rbm.hiddenBias].map(numbers));
  const width = b!.length;
  return (v: readonly number[], h: readonly number[]) =>
    -v.reduce((sum, x, i) => sum + x * b![i]!, 0) -
    h.reduce((sum, y, j) => sum + y * (c![j]! + v.reduce((s, x, i) => s + x * w![j * width + i]!, 0)), 0);
}

describe("a restricted Boltzmann machine", () => {
  it("has the energy, the free energy and the partition function that all its states give", async () => {
    const rbm = machine(4, 3);
    const energy = await energies(rbm);
    const [vs, hs] = [states(4), states(3)];
    const free = await numbers(rbm.freeEnergy(tensor(vs)));
    for (const [i, v] of vs.entries()) {
      expect(await rbm.energy(tensor([v]), tensor([hs[5]!])).item()).toBeCloseTo(energy(v, hs[5]!), 5);
      expect(free[i]).toBeCloseTo(-logSum(hs.map((h) => -energy(v, h))), 5);
    }
    const all = logSum(vs.flatMap((v) => hs.map((h) => -energy(v, h))));
    expect(await rbm.logPartition().item()).toBeCloseTo(all, 5);
    // The other side is the smaller one.
    const turned = machine(3, 5);
    const other = await energies(turned);
    const logZ = logSum(states(3).flatMap((v) => states(5).map((h) => -other(v, h))));
    expect(await turned.logPartition().item()).toBeCloseTo(logZ, 5);
  });

  it("has the derivative of ln Z that the means of the model are", async () => {
    const rbm = machine(4, 3);
    const energy = await energies(rbm);
    const pairs = states(4).flatMap((v) => states(3).map((h) => ({ v, h, p: Math.exp(-energy(v, h)) })));
    const total = pairs.reduce((sum, { p }) => sum + p, 0);
    const { gradient } = valueAndGrad(rbm, (m) => m.logPartition());
    const means = await numbers(gradient.get("weight")!);
    for (let j = 0; j < 3; j++)
      for (let i = 0; i < 4; i++) {
        const expected = pairs.reduce((sum, { v, h, p }) => sum + p * v[i]! * h[j]!, 0) / total;
        expect(means[j * 4 + i]).toBeCloseTo(expected, 5);
      }
  });

  it("draws visible states as often as they are probable", async () => {
    const rbm = machine(3, 2);
    const energy = await energies(rbm);
    const weights = states(3).map((v) => states(2).reduce((sum, h) => sum + Math.exp(-energy(v, h)), 0));
    const total = weights.reduce((a, b) => a + b, 0);
    const counts = new Array<number>(8).fill(0);
    for (const { visible } of nn.gibbs(rbm, { key: random.seed(5), chains: 500, steps: 60, every: 5 })) {
      const values = await numbers(visible);
      for (let i = 0; i < 500; i++) counts[values[3 * i]! + 2 * values[3 * i + 1]! + 4 * values[3 * i + 2]!]!++;
    }
    const drawn = counts.reduce((a, b) => a + b, 0);
    expect(drawn).toBe(6000);
    for (const [i, count] of counts.entries()) expect(count / drawn).toBeCloseTo(weights[i]! / total, 1.4);
  });

  it("with real visible units has means and a free energy that integrals confirm", async () => {
    const rbm = machine(1, 2, { visibleUnits: "gaussian" });
    const energy = await energies(rbm);
    const full = (v: number, h: readonly number[]) => Math.exp(-energy([v], h) - v ** 2 / 2);
    let z = 0;
    for (let v = -15; v < 15; v += 0.001) for (const h of states(2)) z += full(v, h) * 0.001;
    expect(await rbm.logPartition().item()).toBeCloseTo(Math.log(z), 4);
    const free = await rbm.freeEnergy(tensor([[0.7]])).item();
    expect(free).toBeCloseTo(-Math.log(states(2).reduce((sum, h) => sum + full(0.7, h), 0)), 5);
    const samples = await numbers(rbm.sampleVisible(zeros([4000, 2]), random.seed(1)));
    const mean = samples.reduce((a, b) => a + b, 0) / 4000;
    expect(mean).toBeCloseTo((await rbm.visibleBias.item()) as number, 1);
    expect(samples.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 4000).toBeCloseTo(1, 0.9);
  });

  it("with real hidden units has the free energy of a Gaussian summed out", async () => {
    const rbm = machine(3, 1, { hiddenUnits: "gaussian" });
    const energy = await energies(rbm);
    for (const v of states(3)) {
      let sum = 0;
      for (let h = -20; h < 20; h += 0.001) sum += Math.exp(-energy(v, [h]) - h ** 2 / 2) * 0.001;
      expect(await rbm.freeEnergy(tensor([v])).item()).toBeCloseTo(-Math.log(sum), 4);
    }
  });

  it("goes down the gradient of contrastive divergence: correlations of the data less those of the reconstruction", async () => {
    const rbm = machine(4, 3);
    const v = random.seed(2).uniform([6, 4]).less(0.5).cast("float32");
    const key = random.seed(9);
    const { gradient } = valueAndGrad(rbm, (m) => m.contrastiveDivergence(v, { key }));
    const h = rbm.sampleHidden(v, key.child(0).child("hidden"));
    const mean = rbm.visibleGiven(h);
    const correlation = (x: Tensor) => rbm.forward(x).transpose().matmul(x).div(6);
    const expected = await numbers(correlation(mean).sub(correlation(v)));
    for (const [i, value] of (await numbers(gradient.get("weight")!)).entries())
      expect(value).toBeCloseTo(expected[i]!, 5);
    const biases = await numbers(mean.mean({ axis: 0 }).sub(v.mean({ axis: 0 })));
    for (const [i, value] of (await numbers(gradient.get("visibleBias")!)).entries())
      expect(value).toBeCloseTo(biases[i]!, 5);
  });

  it("lets weights decay and hidden units fall silent when asked", async () => {
    const rbm = machine(4, 3);
    const v = random.seed(2).uniform([6, 4]).less(0.5).cast("float32");
    const key = random.seed(9);
    const part = (options: nn.DivergenceOptions, path: string) =>
      valueAndGrad(rbm, (m) =>
        m.contrastiveDivergence(v, { key, ...options }).sub(m.contrastiveDivergence(v, { key })),
      ).gradient.get(path)!;
    const decay = await numbers(part({ weightDecay: 0.3 }, "weight"));
    const w = await numbers(rbm.weight);
    for (const [i, value] of decay.entries()) expect(value).toBeCloseTo(0.3 * w[i]!, 5);
    const towards = await numbers(part({ sparsity: { target: 0.1, weight: 1 } }, "hiddenBias"));
    expect(Math.min(...towards)).toBeGreaterThan(0);
  });

  it.each([
    { name: "contrastive divergence", options: {} as nn.RBMOptions, steps: 1 },
    { name: "persistent chains", options: { chains: 50 }, steps: 1 },
    { name: "five steps", options: {}, steps: 5 },
  ])("learns what it sees, by $name", async ({ options, steps }) => {
    const patterns = tensor([
      [1, 1, 1, 0, 0, 0],
      [0, 0, 0, 1, 1, 1],
    ]);
    const data = nn.init(new nn.RBM(6, 4, options), { seed: 1 });
    const likelihood = () => data.freeEnergy(patterns).mean().neg().sub(data.logPartition()).item();
    const before = await likelihood();
    const optimizer = optim.sgd({ rate: 0.1, momentum: 0.5 });
    const batches = [patterns.tile([10, 1])];
    const loss = (m: nn.RBM, v: Tensor) => m.contrastiveDivergence(v, { steps });
    for await (const step of train(data, batches, { loss, optimizer, epochs: 400, every: 400 })) void step;
    expect(before).toBeCloseTo(-6 * Math.log(2), 1);
    // Two patterns of the same frequency cannot do better than −ln 2; persistent chains mix slowly in so small a world.
    expect(await likelihood()).toBeGreaterThan(options.chains === undefined ? -1.4 : -2);
    expect(await data.reconstruct(patterns).sub(patterns).square().mean().item()).toBeLessThan(0.02);
  });

  it("has its partition function estimated within a tenth by annealed importance sampling", async () => {
    for (const rbm of [
      machine(8, 5),
      machine(5, 4, { visibleUnits: "gaussian" }),
      machine(6, 2, { hiddenUnits: "gaussian" }),
    ]) {
      const { logZ, range } = await nn.annealedImportanceSampling(rbm, {
        key: random.seed(4),
        chains: 100,
        temperatures: 500,
      });
      const exact = await rbm.logPartition().item();
      expect(Math.abs(logZ - exact)).toBeLessThan(0.1);
      expect(range[0]).toBeLessThan(logZ);
      expect(range[1]).toBeGreaterThan(logZ);
    }
    const rbm = machine(4, 3);
    const base = tensor([0.5, -1, 0.2, 0]);
    const some = await nn.annealedImportanceSampling(rbm, {
      key: random.seed(4),
      temperatures: [0, 0.1, 0.3, 0.6, 0.8, 1],
      base,
    });
    expect(Math.abs(some.logZ - (await rbm.logPartition().item()))).toBeLessThan(0.5);
    const stop = AbortSignal.abort(new Error("enough"));
    await expect(nn.annealedImportanceSampling(rbm, { key: random.seed(4), signal: stop })).rejects.toThrow("enough");
  });

  it("asks for a training step or a key where it draws", () => {
    expect(() => machine(4, 3).contrastiveDivergence(zeros([2, 4]))).toThrow(/no training step is under way/);
  });

  it("draws the same from the same key", async () => {
    const rbm = machine(4, 3);
    const [a] = nn.gibbs(rbm, { key: random.seed(1), steps: 7, every: 7 });
    const [b] = nn.gibbs(rbm, { key: random.seed(1), steps: 7, every: 7 });
    expect(await numbers(a!.mean)).toEqual(await numbers(b!.mean));
  });

  it("has derivatives of its free energy with respect to what it sees", async () => {
    const rbm = machine(3, 2);
    const v = tensor([[0.2, 0.4, 0.9]]);
    const slope = await numbers(grad((x: Tensor) => rbm.freeEnergy(x).sum())(v));
    // ∂F/∂v = −b − Wᵀ h.
    const expected = await numbers(rbm.visibleBias.add(rbm.forward(v).matmul(rbm.weight)).neg());
    for (const [i, value] of slope.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });
});

const rbm = nn.init(new nn.RBM(3, 2), { seed: 1 });
const large = nn.init(new nn.RBM(40, 30), { seed: 1 });
const key = random.seed(1);
const mistakes: Mistake[] = [
  ["half a unit", () => new nn.RBM(2.5, 3), /visible is 2\.5/],
  [
    "units of a kind that there is not",
    () => new nn.RBM(2, 3, { visibleUnits: "poisson" as never }),
    /visibleUnits is poisson/,
  ],
  [
    "real units on both sides",
    () => new nn.RBM(2, 3, { visibleUnits: "gaussian", hiddenUnits: "gaussian" }),
    /both sides are gaussian/,
  ],
  ["data of another width", () => rbm.forward(zeros([5, 4])), /the visible states are \[5, 4\], expected \[n, 3\]/],
  [
    "hidden states of another width",
    () => rbm.visibleGiven(zeros([5, 4])),
    /the hidden states are \[5, 4\], expected \[n, 2\]/,
  ],
  ["one example without its axis", () => rbm.freeEnergy(zeros([3])), /the visible states are \[3\]/],
  ["no steps", () => rbm.contrastiveDivergence(zeros([2, 3]), { steps: 0, key }), /steps is 0/],
  [
    "a sparsity target of 1",
    () => rbm.contrastiveDivergence(zeros([2, 3]), { key, sparsity: { target: 1, weight: 1 } }),
    /target is 1, expected 0 < target < 1/,
  ],
  [
    "the states of a large machine",
    () => large.logPartition(),
    /40 visible and 30 hidden units.*annealedImportanceSampling/,
  ],
  [
    "temperatures that fall",
    () => nn.annealedImportanceSampling(rbm, { key, temperatures: [0, 0.5, 0.2, 1] }),
    /climb from 0 to 1/,
  ],
  [
    "a base of another width",
    () => nn.annealedImportanceSampling(rbm, { key, base: zeros([4]) }),
    /base biases are \[4\], expected \[3\]/,
  ],
  ["no chains", () => [...nn.gibbs(rbm, { key, chains: 0 })], /chains is 0/],
];
describe("a mistake with a Boltzmann machine", () => refused(mistakes));
