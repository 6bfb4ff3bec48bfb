import { describe, expect, it } from "vitest";
import {
  flatten,
  jacobian,
  nn,
  optim,
  pretrain,
  random,
  relu,
  type Tensor,
  tanh,
  tensor,
  train,
  valueAndGrad,
  zeros,
} from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

const numbers = async (x: Tensor) => Array.from(await x.data(), Number);
const near = (a: readonly number[], b: readonly number[], digits = 5) => {
  expect(a.length).toBe(b.length);
  for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i]!, digits);
};
const x = random.seed(1).uniform([6, 5]);

describe("corruption", () => {
  const ones = random.seed(3).uniform([200, 50], { low: 2, high: 3 });
  const corrupted = (layer: { forward(x: Tensor): Tensor }) => nn.training(random.seed(4), () => layer.forward(ones));

  it("leaves everything as it is outside of training", async () => {
    for (const layer of [new nn.MaskingNoise(0.5), new nn.SaltAndPepper(0.5), new nn.GaussianNoise(1)])
      expect(layer.forward(ones)).toBe(ones);
  });

  it("masks as many as it says, and leaves the others", async () => {
    const [before, after] = await Promise.all([ones, corrupted(new nn.MaskingNoise(0.3))].map(numbers));
    expect(after!.filter((value) => value === 0).length / 10_000).toBeCloseTo(0.3, 1.4);
    expect(after!.every((value, i) => value === 0 || value === before![i])).toBe(true);
  });

  it("strews as much salt as pepper", async () => {
    const after = await numbers(corrupted(new nn.SaltAndPepper(0.4, { low: -1, high: 9 })));
    expect(after.filter((value) => value === -1).length / 10_000).toBeCloseTo(0.2, 1.4);
    expect(after.filter((value) => value === 9).length / 10_000).toBeCloseTo(0.2, 1.4);
  });

  it("adds noise of its standard deviation, afresh in each step", async () => {
    const noise = corrupted(new nn.GaussianNoise(0.5)).sub(ones);
    expect(await noise.std().item()).toBeCloseTo(0.5, 1.5);
    expect(await noise.mean().item()).toBeCloseTo(0, 1.5);
    const other = nn.training(random.seed(5), () => new nn.GaussianNoise(0.5).forward(ones)).sub(ones);
    expect(await numbers(other)).not.toEqual(await numbers(noise));
  });
});

describe("an autoencoder", () => {
  it("with tied weights decodes by the transpose of what it encodes with", async () => {
    const model = nn.init(new nn.Autoencoder(5, 3), { seed: 1 });
    expect(nn.parameters(model).map(({ path }) => path)).toEqual(["weight", "bias", "decoderBias"]);
    const h = x.matmul(model.weight.transpose()).add(model.bias).sigmoid();
    near(await numbers(model.reconstruct(x)), await numbers(h.matmul(model.weight).add(model.decoderBias).sigmoid()));
    const free = nn.init(new nn.Autoencoder(5, 3, { tied: false }), { seed: 1 });
    expect(nn.parameters(free).map(({ path }) => path)).toContain("decoderWeight");
    expect(free.reconstruct(x).shape).toEqual([6, 5]);
  });

  it("minimises cross-entropy of data in 0 … 1, half the squared error of real ones", async () => {
    const model = nn.init(new nn.Autoencoder(5, 3), { seed: 1 });
    const p = model.reconstruct(x);
    const entropy = x
      .mul(p.log())
      .add(x.neg().add(1).mul(p.neg().add(1).log()))
      .neg()
      .sum({ axis: 1 })
      .mean();
    expect(await model.loss(x).item()).toBeCloseTo(await entropy.item(), 4);
    const real = nn.init(new nn.Autoencoder(5, 3, { data: "gaussian", activation: tanh }), { seed: 1 });
    const error = real.reconstruct(x).sub(x).square().sum({ axis: 1 }).mean().div(2);
    expect(await real.loss(x).item()).toBeCloseTo(await error.item(), 5);
  });

  it.each([tanh, (a: Tensor) => a.sigmoid()])("has the contraction that its Jacobian has", async (activation) => {
    const model = nn.init(new nn.Autoencoder(5, 3, { activation }), { seed: 1 });
    let expected = 0;
    for (let i = 0; i < 6; i++) {
      const row = x.slice({ axis: 0, start: i, stop: i + 1 });
      const values = await numbers(jacobian((v: Tensor) => model.forward(v))(row));
      expected += values.reduce((sum, value) => sum + value * value, 0) / 6;
    }
    expect(await model.contractionOf(x).item()).toBeCloseTo(expected, 5);
    expect(await nn.jacobianPenalty((v) => model.forward(v), x).item()).toBeCloseTo(expected, 5);
    const probed = nn.jacobianPenalty((v) => model.forward(v), x, { probes: 400, key: random.seed(1) });
    expect((await probed.item()) / expected).toBeCloseTo(1, 1);
  });

  it("learns through its penalties, contraction and sparsity", async () => {
    const loss = (options: nn.AutoencoderOptions, seen: (model: nn.Autoencoder) => Tensor) => {
      const model = nn.init(new nn.Autoencoder(5, 3, options), { seed: 1 });
      const run = async () => {
        for await (const step of train(model, [x], {
          loss: (m, v) => m.loss(v),
          optimizer: optim.adam({ rate: 0.05 }),
          epochs: 150,
          every: 150,
        }))
          void step;
        return seen(model).item();
      };
      return run();
    };
    const contraction = (model: nn.Autoencoder) => model.contractionOf(x);
    expect(await loss({ contraction: 5 }, contraction)).toBeLessThan((await loss({}, contraction)) / 3);
    const activity = (model: nn.Autoencoder) => model.forward(x).mean();
    expect(await loss({ sparsity: { target: 0.1, weight: 10 } }, activity)).toBeCloseTo(0.1, 1.3);
  });

  it("with a number of active features keeps the largest of each example, and their derivatives", async () => {
    const h = tensor([
      [0.1, 0.9, 0.5, 0.3],
      [4, 3, 2, 1],
    ]);
    near(await numbers(nn.kSparse(h, 2)), [0, 0.9, 0.5, 0, 4, 3, 0, 0], 6);
    expect(nn.kSparse(h, 4)).toBe(h);
    const model = nn.init(new nn.Autoencoder(5, 4, { active: 2 }), { seed: 1 });
    const features = (await model.forward(x).toArray()) as number[][];
    for (const row of features) expect(row.filter((value) => value !== 0).length).toBe(2);
    const { gradient } = valueAndGrad(model, (m) => m.loss(x));
    expect(await gradient.get("weight")!.abs().sum().item()).toBeGreaterThan(0);
  });

  it("has a sparsity penalty of zero on target and the divergence elsewhere", async () => {
    expect(await nn.sparsityPenalty(tensor([[0.2], [0.4]]), 0.3).item()).toBeCloseTo(0, 6);
    const expected = 0.1 * Math.log(0.1 / 0.3) + 0.9 * Math.log(0.9 / 0.7);
    expect(await nn.sparsityPenalty(tensor([[0.2], [0.4]]), 0.1).item()).toBeCloseTo(expected, 6);
  });

  it("cleans what was corrupted, in training alone", async () => {
    const model = nn.init(new nn.Autoencoder(5, 3, { corruption: new nn.MaskingNoise(1) }), { seed: 1 });
    const clean = await model.loss(x).item();
    const blind = await nn.training(random.seed(1), () => model.loss(x)).item();
    expect(blind).not.toBeCloseTo(clean, 3);
    const other = nn.init(new nn.Autoencoder(5, 3), { seed: 1 });
    expect(await other.loss(x).item()).toBeCloseTo(clean, 6);
  });

  it("stacks, trains greedily and unrolls to the same reconstruction", async () => {
    const stack = [new nn.Autoencoder(5, 4), new nn.Autoencoder(4, 2, { tied: false, active: 1 })].map((layer, i) =>
      nn.init(layer, { seed: i }),
    );
    const losses: number[][] = [[], []];
    const options = {
      input: (v: Tensor) => v,
      loss: (m: nn.Autoencoder, v: Tensor) => m.loss(v),
      optimizer: () => optim.adam({ rate: 0.05 }),
      epochs: 60,
    };
    for await (const { layer, loss } of pretrain(stack, [x], options)) losses[layer]!.push(loss);
    for (const list of losses) expect(list.at(-1)).toBeLessThan(list[0]!);
    const deep = nn.init(nn.unrollAutoencoder(stack), { seed: 9 });
    const [lower, upper] = stack as [nn.Autoencoder, nn.Autoencoder];
    near(await numbers(deep.forward(x)), await numbers(lower.decode(upper.reconstruct(lower.forward(x)))), 5);
  });
});

describe("a variational autoencoder", () => {
  const linear = (inputs: number, outputs: number) => new nn.Linear(inputs, outputs);
  const model = () =>
    nn.init(new nn.VariationalAutoencoder({ encoder: linear(5, 4), decoder: linear(2, 5), latent: 2 }), { seed: 2 });

  it("has the divergence of a normal distribution from the prior that an integral gives", async () => {
    const encoder = () => tensor([[0.4, -0.7]]);
    const one = new nn.VariationalAutoencoder({ encoder, decoder: linear(1, 5), latent: 1 });
    const [mean, logVariance] = [0.4, -0.7];
    const variance = Math.exp(logVariance);
    let expected = 0;
    for (let z = -12; z < 12; z += 0.001) {
      const q = Math.exp(-((z - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
      const logRatio = -((z - mean) ** 2) / (2 * variance) - logVariance / 2 + z ** 2 / 2;
      expected += q * logRatio * 0.001;
    }
    expect(await one.divergence(zeros([1, 5])).item()).toBeCloseTo(expected, 4);
  });

  it("knows the likelihood of a linear model exactly where the encoder is the true posterior", async () => {
    // x = 2 z + 1 + noise of variance ½: x is normal with mean 1 and variance 4½; z given x has variance 1 / 9.
    const posterior = (v: Tensor) =>
      v
        .sub(1)
        .mul(4 / 9)
        .pad({ before: [0, 0], after: [0, 1], value: Math.log(1 / 9) });
    const decoder = (z: Tensor) => z.mul(2).add(1);
    const exact = new nn.VariationalAutoencoder({
      encoder: posterior,
      decoder,
      latent: 1,
      data: "gaussian",
      variance: 0.5,
    });
    const points = tensor([[0.3], [2], [-4]]);
    const expected = [0.3, 2, -4].map((v) => -((v - 1) ** 2) / 9 - 0.5 * Math.log(2 * Math.PI * 4.5));
    near(await numbers(exact.logLikelihood(points, { samples: 1, key: random.seed(1) })), expected, 4);
    near(await numbers(exact.logLikelihood(points, { samples: 5, key: random.seed(2) })), expected, 4);
    const bound = await exact.loss(points, { samples: 4000, key: random.seed(3) }).item();
    expect(-bound).toBeCloseTo(expected.reduce((a, b) => a + b, 0) / 3, 1.5);
  });

  it("has a bound below its likelihood, weighted by beta, with derivatives for all parameters", async () => {
    const vae = model();
    const key = random.seed(6);
    const bound = -(await vae.loss(x, { key, samples: 50 }).item());
    const likelihood = await vae.logLikelihood(x, { key, samples: 500 }).mean().item();
    expect(bound).toBeLessThan(likelihood + 0.02);
    const divergence = await vae.divergence(x).mean().item();
    const [one, three] = [await vae.loss(x, { key }).item(), await vae.loss(x, { key, beta: 3 }).item()];
    expect(three - one).toBeCloseTo(2 * divergence, 4);
    const { gradient } = valueAndGrad(vae, (m) => m.loss(x, { key }));
    for (const path of ["encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias"])
      expect(await gradient.get(path)!.abs().sum().item()).toBeGreaterThan(0);
  });

  it("learns, with convolutions too", async () => {
    const images = random.seed(1).uniform([16, 1, 1, 1]).less(0.5).cast("float32").broadcastTo([16, 1, 8, 8]);
    const encoder = new nn.Sequential([
      new nn.Conv2d(1, 4, 4, { stride: 2, padding: 1 }),
      relu,
      (v) => flatten(v, 1),
      new nn.Linear(64, 4),
    ]);
    class Decoder extends nn.Module {
      readonly grow = new nn.Linear(2, 64);
      readonly filters = nn.parameter([4, 1, 4, 4], nn.uniformInit(0.2));
      forward(z: Tensor): Tensor {
        return this.grow
          .forward(z)
          .relu()
          .reshape([-1, 4, 4, 4])
          .convTranspose2d(this.filters, { stride: 2, padding: 1 });
      }
    }
    const vae = nn.init(new nn.VariationalAutoencoder({ encoder, decoder: new Decoder(), latent: 2 }), { seed: 1 });
    let [first, last] = [Number.NaN, Number.NaN];
    for await (const { loss, step } of train(vae, [images], {
      loss: (m, v) => m.loss(v),
      optimizer: optim.adam({ rate: 0.02 }),
      epochs: 60,
    })) {
      if (step === 1) first = loss;
      last = loss;
    }
    expect(last).toBeLessThan(first / 2);
    expect(vae.forward(images).shape).toEqual([16, 1, 8, 8]);
    expect(vae.sample({ count: 3, key: random.seed(1) }).shape).toEqual([3, 1, 8, 8]);
  });
});

const auto = nn.init(new nn.Autoencoder(5, 3), { seed: 1 });
const crooked = nn.init(
  new nn.VariationalAutoencoder({ encoder: new nn.Linear(5, 3), decoder: new nn.Linear(2, 4), latent: 2 }),
  { seed: 1 },
);
const bent = nn.init(
  new nn.VariationalAutoencoder({ encoder: new nn.Linear(5, 4), decoder: new nn.Linear(2, 4), latent: 2 }),
  { seed: 1 },
);
const key = random.seed(1);
const mistakes: Mistake[] = [
  ["masking more than everything", () => new nn.MaskingNoise(1.5), /rate is 1\.5/],
  ["negative salt", () => new nn.SaltAndPepper(-1), /rate is -1/],
  ["noise of no size", () => new nn.GaussianNoise(Number.NaN), /std is NaN/],
  ["no features", () => new nn.Autoencoder(5, 0), /hidden is 0/],
  ["data of a kind that there is not", () => new nn.Autoencoder(5, 3, { data: "counts" as never }), /data is counts/],
  ["half a feature active", () => new nn.Autoencoder(5, 3, { active: 0.5 }), /active is 0\.5/],
  ["expansion", () => new nn.Autoencoder(5, 3, { contraction: -1 }), /contraction is -1/],
  ["a target of none", () => nn.sparsityPenalty(x, 0), /target is 0, expected 0 < target < 1/],
  ["data of another width", () => auto.loss(zeros([2, 4])), /the data are \[2, 4\], expected \[n, 5\]/],
  ["features of another width", () => auto.decode(zeros([2, 4])), /the features are \[2, 4\], expected \[n, 3\]/],
  ["probes without a key", () => nn.jacobianPenalty((v) => v, x, { probes: 3 }), /probes without a key/],
  ["the Jacobian of a sum", () => nn.jacobianPenalty((v) => v.sum(), x), /gives \[\] for \[6, 5\]/],
  [
    "no latent variables",
    () => new nn.VariationalAutoencoder({ encoder: tanh, decoder: tanh, latent: 0 }),
    /latent is 0/,
  ],
  [
    "an encoder of another width",
    () => crooked.encode(x),
    /the encoder gives \[6, 3\], expected means and log variances \[6, 4\]/,
  ],
  ["a decoder of another width", () => bent.loss(x, { key }), /the decoder gives \[6, 4\], the data are \[6, 5\]/],
  [
    "a variance of none",
    () => new nn.VariationalAutoencoder({ encoder: tanh, decoder: tanh, latent: 1, variance: 0 }),
    /variance is 0/,
  ],
];
describe("a mistake with an autoencoder", () => refused(mistakes));
