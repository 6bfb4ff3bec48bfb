import { describe, expect, it } from "vitest";
import {
  flatten,
  grad,
  inspect,
  nn,
  random,
  relu,
  type Tensor,
  tensor,
  withPullbacks,
  zeros,
} from "../../src/index.ts";
import { legendre } from "../../src/inspect/quadrature.ts";
import { expectClose, load, type Stored } from "../golden/fixtures.ts";
import { drawn, pythonHasTorch, seed } from "../golden/python.ts";
import { refused } from "../misuse/refused.ts";

interface Case {
  readonly parameters: Readonly<Record<string, Stored>>;
  readonly x: Stored;
  readonly baseline: Stored;
  readonly classes: readonly number[] | null;
  readonly occlusion: inspect.OcclusionOptions;
  readonly labels: readonly number[];
  readonly results: Readonly<Record<string, Stored>>;
}

const script = new URL("./torch_saliency.py", import.meta.url);
const count = 12;
const f64 = (stored: Stored) => load(stored, "cpu", "float64");

/** Two convolutions and a linear layer, with given values. */
function convNet(values: Readonly<Record<string, Stored>>) {
  const [maps, channels] = values["0.weight"]!.shape as [number, number];
  const model = new nn.Sequential([
    new nn.Conv2d(channels, maps, 3, { padding: 1 }),
    relu,
    new nn.MaxPool2d(2),
    new nn.Conv2d(maps, 5, 3),
    relu,
    (x) => flatten(x, 1),
    new nn.Linear(values["6.weight"]!.shape[1]!, 4),
  ]);
  for (const { path, set } of nn.parameters(model)) set(f64(values[path]!));
  return model;
}

describe.skipIf(!pythonHasTorch())("explanations of a score against PyTorch's autograd", () => {
  it(`${count} random convolutional nets`, async () => {
    for (const [index, one] of drawn<Case>(script, seed, count).entries()) {
      const { results } = one;
      const model = convNet(one.parameters);
      const x = f64(one.x);
      const options = one.classes === null ? {} : { classes: one.classes };
      const got = {
        inputGradient: inspect.inputGradient(model, x, options),
        saliency: inspect.saliency(model, x, options),
        gradientTimesInput: inspect.gradientTimesInput(model, x, options),
        guidedBackpropagation: inspect.guidedBackpropagation(model, x, options),
        deconvolution: inspect.deconvolution(model, x, options),
        gradCam: inspect.gradCam(model, x, { layer: "4", ...options }),
        integratedGradients: await inspect.integratedGradients(model, x, {
          baseline: f64(one.baseline),
          steps: 12,
          ...options,
        }),
        occlusion: await inspect.occlusion(model, x, { ...one.occlusion, ...options }),
      };
      const attack = { classes: one.labels, epsilon: 0.1, range: [-1, 1] } as const;
      const last = async (steps: AsyncIterable<inspect.AttackStep>) => {
        let input = x;
        for await (const step of steps) input = step.input;
        return input;
      };
      Object.assign(got, {
        fgsm: inspect.fgsm(model, x, attack),
        targeted: inspect.fgsm(model, x, { ...attack, targeted: true }),
        pgd: await last(inspect.pgd(model, x, { ...attack, steps: 4, rate: 0.04 })),
        ball: await last(
          inspect.pgd(model, x, {
            ...attack,
            steps: 4,
            rate: 0.3,
            epsilon: 0.5,
            range: [-100, 100],
            norm: "euclidean",
          }),
        ),
      });
      for (const [name, value] of Object.entries(got)) {
        await expectClose(value, results[name]!, 1e-9, `GRADBOOK_SEED=${seed}, case ${index}, ${name}`);
      }
    }
  });
});

const smooth = nn.init(new nn.Sequential([new nn.Linear(5, 8), (x) => x.tanh(), new nn.Linear(8, 3)]), { seed: 3 });

describe("integrated gradients", () => {
  it("add up to the score's difference from the baseline's", async () => {
    const x = random.seed(1).normal([4, 5]);
    const baseline = random.seed(2).normal([4, 5]);
    const parts = await inspect.integratedGradients(smooth, x, { baseline, classes: 1, steps: 20 });
    const score = (at: Tensor) => smooth.forward(at).slice({ axis: 1, start: 1, stop: 2 }).squeeze(1);
    const [sums, differences] = [await parts.sum({ axis: 1 }).data(), await score(x).sub(score(baseline)).data()];
    sums.forEach((sum, i) => {
      expect(sum).toBeCloseTo(differences[i]!, 5);
    });
  });

  it("integrate polynomials of degree 2n − 1 exactly", () => {
    for (const n of [1, 2, 5, 16]) {
      const { nodes, weights } = legendre(n);
      for (let degree = 0; degree < 2 * n; degree++) {
        const integral = nodes.reduce((sum, x, i) => sum + weights[i]! * x ** degree, 0);
        expect(integral).toBeCloseTo(1 / (degree + 1), 12);
      }
    }
  });
});

describe("SmoothGrad", () => {
  it("of a linear score is its gradient, whatever the noise", async () => {
    const linear = nn.init(new nn.Linear(5, 3), { seed: 1 });
    const x = random.seed(1).normal([2, 5]);
    const options = { classes: [0, 2], samples: 7, noise: 0.5 };
    const smoothed = await (await inspect.smoothGrad(linear, x, options)).data();
    const plainly = await inspect.inputGradient(linear, x, options).data();
    smoothed.forEach((value, i) => {
      expect(value).toBeCloseTo(plainly[i]!, 5);
    });
  });

  it("of a cube is 3(x² + σ²), with σ a share of each example's range", async () => {
    const cube = (x: Tensor) => x.mul(x).mul(x).sum({ axis: 1, keepDims: true });
    const x = tensor([
      [1, 2],
      [0, 4],
    ]);
    const found = await (await inspect.smoothGrad(cube, x, { samples: 2000, noise: 0.5 })).data();
    [3 * (1 + 0.25), 3 * (4 + 0.25), 3 * 4, 3 * (16 + 4)].forEach((expected, i) => {
      // Four standard errors of the mean of 3(x + n)².
      expect(Math.abs(found[i]! - expected)).toBeLessThan(0.05 * (1 + expected));
    });
  });

  it("is the same for the same key", async () => {
    const x = random.seed(1).normal([2, 5]);
    const once = await (await inspect.smoothGrad(smooth, x, { samples: 3 })).toArray();
    expect(await (await inspect.smoothGrad(smooth, x, { samples: 3 })).toArray()).toEqual(once);
    const key = random.seed(9);
    expect(await (await inspect.smoothGrad(smooth, x, { samples: 3, key })).toArray()).not.toEqual(once);
  });

  it("stops when it is told to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(inspect.smoothGrad(smooth, zeros([1, 5]), { signal })).rejects.toThrow("enough");
  });
});

describe("withPullbacks", () => {
  const f = (x: Tensor) => x.relu().mul(3).sum();

  it("holds inside and only there, the inner rule first", async () => {
    const x = tensor([-1, 2]);
    const inside = withPullbacks({ relu: (g) => [g] }, () => [
      grad(f)(x),
      withPullbacks({ relu: (g) => [g.mul(10)] }, () => grad(f)(x)),
      grad(f)(x),
    ]);
    expect(await Promise.all(inside.map((g) => g.toArray()))).toEqual([
      [3, 3],
      [30, 30],
      [3, 3],
    ]);
    expect(await grad(f)(x).toArray()).toEqual([0, 3]);
  });

  it("is put back when the body throws", async () => {
    const fails = () =>
      withPullbacks({ relu: (g) => [g] }, () => {
        throw new Error("no");
      });
    expect(fails).toThrow("no");
    expect(await grad(f)(tensor([-1, 2])).toArray()).toEqual([0, 3]);
  });

  it("gives a derivative to what has none, such as rounding", async () => {
    const rounded = (x: Tensor) => x.round().square().sum();
    const through = withPullbacks({ round: (g) => [g] }, () => grad(rounded)(tensor([1.2, 2.7])));
    expect(await through.toArray()).toEqual([2, 6]);
  });
});

const images = zeros([2, 1, 6, 6]);
const net = nn.init(new nn.Sequential([new nn.Conv2d(1, 2, 3), relu, (x) => flatten(x, 1), new nn.Linear(32, 4)]), {
  seed: 1,
});

describe("Grad-CAM", () => {
  it("is enlarged to the size of the image", async () => {
    const noise = random.seed(6).normal([2, 1, 6, 6]);
    const small = inspect.gradCam(net, noise, { layer: "1", classes: 2 });
    const large = inspect.gradCam(net, noise, { layer: "1", classes: 2, size: [6, 6] });
    expect([small.shape, large.shape]).toEqual([
      [2, 4, 4],
      [2, 6, 6],
    ]);
    expect(await large.toArray()).toEqual(await small.resize({ size: 6 }).toArray());
  });
});

refused([
  ["a class that there is not", () => inspect.saliency(net, images, { classes: 4 }), /class 4, expected one of 0 … 3/],
  ["a class too few", () => inspect.saliency(net, images, { classes: [1] }), /1 classes for 2 examples/],
  [
    "classes as fractions",
    () => inspect.saliency(net, images, { classes: tensor([1, 2]) }),
    /float32 \[2\], expected int32 \[2\]/,
  ],
  [
    "maps instead of scores",
    () => inspect.inputGradient(net.layers[0]!, images),
    /\[2, 2, 4, 4\] for 2 examples, expected scores \[2, classes\]/,
  ],
  ["an input of integers", () => inspect.saliency(net, images.cast("int32")), /int32, which has no derivative/],
  [
    "a path that is not there",
    () => inspect.gradCam(net, images, { layer: "conv" }),
    /at "conv", expected one of 0, 1/,
  ],
  ["a layer without maps", () => inspect.gradCam(net, images, { layer: "3" }), /gives \[2, 4\], expected maps/],
  ["a patch larger than the image", () => inspect.occlusion(net, images, { size: 7 }), /7×7 does not fit .* 6×6/],
  ["a stride of 0", () => inspect.occlusion(net, images, { size: 2, stride: 0 }), /stride is 0/],
  ["no samples", () => inspect.smoothGrad(net, images, { samples: 0 }), /samples is 0/],
  ["negative noise", () => inspect.smoothGrad(net, images, { noise: -1 }), /noise is -1/],
  [
    "a baseline of another shape",
    () => inspect.integratedGradients(net, images, { baseline: zeros([3, 2, 1, 6, 6]) }),
    /the baseline is \[3, 2, 1, 6, 6\]/,
  ],
  ["no steps", () => inspect.integratedGradients(net, images, { steps: 0 }), /steps is 0/],
  ["a rule for no operation", () => withPullbacks({ rleu: (g) => [g] }, () => 1), /no operation "rleu"/],
  [
    "a rule for an operation written in others",
    () => withPullbacks({ selu: (g) => [g] }, () => 1),
    /selu is written in other operations/,
  ],
]);
