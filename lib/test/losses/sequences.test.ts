import { describe, expect, it } from "vitest";
import {
  checkGradient,
  checkSecond,
  grad,
  logSoftmax,
  losses,
  random,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

const int = (values: readonly (readonly number[])[]) =>
  tensor(Int32Array.from(values.flat()), { shape: [values.length, values[0]!.length] });
const draw = (shape: readonly number[], name = "x") => random.seed(3).child(name).normal(shape).cast("float64");

/** The labels that a path says: repetitions fall together, blanks fall away. */
function said(path: readonly number[], blank: number): string {
  return path.filter((c, i) => c !== blank && c !== path[i - 1]).join();
}

describe("ctc", () => {
  it("is the sum over all paths, with repeated labels and without any", async () => {
    const [time, classes, blank] = [5, 3, 1];
    const logs = logSoftmax(draw([1, time, classes]));
    const p = await logs.exp().data();
    for (const target of [[0, 0], [2, 0, 2], [2], []] as const) {
      let total = 0;
      for (let code = 0; code < classes ** time; code++) {
        const path = Array.from({ length: time }, (_, t) => Math.floor(code / classes ** t) % classes);
        if (said(path, blank) === target.join()) total += path.reduce((q, c, t) => q * p[t * classes + c]!, 1);
      }
      const targets = tensor(Int32Array.from([...target, 0, 0]), { shape: [1, target.length + 2] });
      const loss = losses.ctc(logs, targets, { blank, targetLengths: [target.length], reduction: "sum" });
      expect(await loss.item()).toBeCloseTo(-Math.log(total), 12);
    }
  });

  it("has first and second derivatives", async () => {
    const targets = tensor(Int32Array.of(1, 1, 2, 1), { shape: [2, 2], device: "plain" });
    const loss = (x: Tensor) => losses.ctc(x.logSoftmax(), targets, { lengths: [4, 3], targetLengths: [2, 1] });
    await checkGradient(loss, draw([2, 4, 3]));
    await checkSecond(loss, draw([2, 4, 3]));
  });

  it("is infinite where time is too short, or nothing and without gradient if asked", async () => {
    const x = draw([2, 2, 3]);
    const targets = int([
      [1, 1],
      [1, 2],
    ]);
    const each = (zeroInfinity: boolean) =>
      losses.ctc(x.logSoftmax(), targets, { zeroInfinity, reduction: "none" }).data();
    expect([...(await each(false))]).toEqual([Number.POSITIVE_INFINITY, expect.any(Number)]);
    expect((await each(true))[0]).toBe(0);
    const loss = (y: Tensor) => losses.ctc(y.logSoftmax(), targets, { zeroInfinity: true });
    const gradient = await grad(loss)(x).data();
    expect([...gradient.subarray(0, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...gradient].every(Number.isFinite)).toBe(true);
    expect([...gradient.subarray(6)].some((v) => v !== 0)).toBe(true);
  });

  it("takes certainty: probabilities of 0 and 1", async () => {
    const none = Number.NEGATIVE_INFINITY;
    const logs = tensor(
      [
        [
          [none, 0],
          [0, none],
        ],
      ],
      { dtype: "float64" },
    );
    expect(await losses.ctc(logs, int([[1]])).item()).toBeCloseTo(0, 15);
  });

  it("of a sequence without steps is nothing for a target without labels", async () => {
    const loss = losses.ctc(logSoftmax(draw([1, 2, 3])), int([[1]]), { lengths: [0], targetLengths: [0] });
    expect(await loss.item()).toBeCloseTo(0, 15);
  });
});

describe("adversarial pairs", () => {
  it("have the minimax generator's loss as the discriminator's turned round", async () => {
    const logits = draw([6]);
    const ofFake = losses.discriminator(zeros([6], { dtype: "float64" }), logits).sub(Math.LN2);
    expect(await losses.generator(logits, { kind: "minimax" }).item()).toBeCloseTo(-(await ofFake.item()), 12);
  });

  it("give a generator that is found out a gradient, unless minimax", async () => {
    const logits = tensor([-30], { dtype: "float64" });
    const slope = (kind: "minimax" | "nonSaturating") =>
      grad((x: Tensor) => losses.generator(x, { kind }))(logits).item();
    expect(await slope("nonSaturating")).toBeCloseTo(-1, 12);
    expect(await slope("minimax")).toBeCloseTo(0, 12);
    expect(await losses.generator(tensor([3], { dtype: "float64" }), { kind: "leastSquares" }).item()).toBe(2);
  });
});

describe("targets of Q-learning", () => {
  const next = tensor(
    [
      [1, 3],
      [2, 0],
    ],
    { dtype: "float64" },
  );
  const rewards = tensor([1, -1], { dtype: "float64" });

  it("take the best action, and none after the end", async () => {
    const done = tensor([0, 1], { dtype: "bool" });
    expect(await losses.qLearningTargets(next, { rewards, done, discount: 0.5 }).toArray()).toEqual([2.5, -1]);
  });

  it("take the action that another net prefers", async () => {
    const selector = tensor(
      [
        [5, 0],
        [0, 5],
      ],
      { dtype: "float64" },
    );
    expect(await losses.qLearningTargets(next, { rewards, selector, discount: 0.5 }).toArray()).toEqual([1.5, -1]);
  });

  it("pass no gradient, and neither does the next state of temporal differences", async () => {
    const values = grad((x: Tensor) => losses.qLearningTargets(x, { rewards }).sum().add(x.sum().mul(0)))(next);
    expect(await values.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const both = (v: Tensor) => losses.temporalDifference(v, v, { rewards, discount: 1, reduction: "sum" });
    expect(await grad(both)(tensor([4, 5], { dtype: "float64" })).toArray()).toEqual([-1, 1]);
  });
});

describe("noise-contrastive estimation", () => {
  it("learns the probabilities of the data, normalised by themselves", async () => {
    // The expected loss over data and noise, minimised over scores that no one normalises.
    const data = [0.5, 0.3, 0.15, 0.05];
    const noise = [0.25, 0.25, 0.25, 0.25].map(Math.log);
    const k = 5;
    let scores = zeros([4], { dtype: "float64" });
    const logNoise = tensor(noise, { dtype: "float64" });
    const expected = (s: Tensor) => {
      // Each class once as truth and once as all of the samples, each weighed by how often that happens.
      const one = losses.noiseContrastive(s, s.expandDims(-1).broadcastTo([4, k]), {
        logNoise,
        logNoiseOfSamples: logNoise.expandDims(-1).broadcastTo([4, k]),
        reduction: "none",
      });
      const lone = s
        .sub(logNoise.add(Math.log(k)))
        .neg()
        .softplus();
      const weights = tensor(data, { dtype: "float64" });
      return lone.mul(weights).add(one.sub(lone).mul(0.25)).sum();
    };
    for (let step = 0; step < 3000; step++) scores = scores.sub(grad(expected)(scores).mul(1)) as Tensor<"float64">;
    const found = await scores.exp().data();
    data.forEach((p, i) => {
      expect(found[i]).toBeCloseTo(p, 4);
    });
  });
});

// biome-ignore lint/suspicious/noExplicitAny: what no type allows.
const wrong = losses as any;
const [x, y] = [zeros([2, 3]), zeros([2, 4])];
const labels = tensor(Int32Array.of(0, 1));
const mistakes: readonly Mistake[] = [
  ["pairs of other widths", () => losses.contrastive(x, y, { same: labels.less(1) }), /a is \[2, 3\], b \[2, 4\]/],
  [
    "a truth for each coordinate",
    () => losses.contrastive(x, x, { same: x.less(1) }),
    /each pair is \[2\], same \[2, 3\]/,
  ],
  ...(["contrastive", "cosineEmbedding"] as const).map(
    (loss): Mistake => [
      `labels of 1 and −1 for ${loss}`,
      () => losses[loss](x, x, { same: tensor([1, -1]) }),
      /same is float32, expected truth values\. Compare: labels\.greater\(0\) for labels 1 and −1/,
    ],
  ),
  [
    "a margin of nothing",
    () => losses.triplet(x, x, { negative: x, margin: 0 }),
    /margin is 0, expected a positive number/,
  ],
  [
    "a negative of another width",
    () => losses.triplet(x, x, { negative: y }),
    /the anchor is \[2, 3\], the negative \[2, 4\]/,
  ],
  ["no temperature", () => losses.infoNce(x, x, { temperature: 0 }), /temperature is 0, expected a positive/],
  [
    "negatives of another width",
    () => losses.infoNce(x, x, { negatives: y }),
    /negatives are \[2, 4\], expected \[m, 3\]/,
  ],
  ["a third power", () => wrong.multiMargin(x, labels, { power: 3 }), /power is 3, expected 1 or 2/],
  ["labels that are floats", () => wrong.multiMargin(x, zeros([2])), /labels are float32, expected int32/],
  ["targets that are floats", () => wrong.ctc(zeros([2, 5, 3]), x), /targets are float32, expected int32/],
  ["a batch before none", () => losses.ctc(x, int([[1]])), /expected \[batch, time, classes\] and \[batch, labels\]/],
  [
    "a blank outside",
    () => losses.ctc(zeros([1, 2, 3]), int([[1]]), { blank: 3 }),
    /blank is 3, expected one of 0 … 2/,
  ],
  [
    "a length past the end",
    () => losses.ctc(zeros([1, 2, 3]), int([[1]]), { lengths: [3] }),
    /lengths\[0\] is 3, expected 0 … 2/,
  ],
  [
    "too many lengths",
    () => losses.ctc(zeros([1, 2, 3]), int([[1]]), { targetLengths: [1, 1] }),
    /2 targetLengths for 1 sequences/,
  ],
  ["a label past the last class", () => losses.ctc(zeros([1, 2, 3]), int([[7]])), /7.* is outside 0 … 2/],
  ["noise for other items", () => losses.negativeSampling(x, x), /noiseScores \[2, 3\]; expected \[2, 3, samples\]/],
  [
    "a loss for each pixel",
    () => losses.evidenceBound(x, { mean: x, logVariance: x }),
    /expected one number for each example\. Sum it/,
  ],
  [
    "a kind that is none",
    () => wrong.generator(x, { kind: "wasserstein" }),
    /kind is wasserstein, expected "nonSaturating"/,
  ],
  [
    "a discount above 1",
    () => losses.temporalDifference(x, x, { rewards: x, discount: 2 }),
    /discount is 2, expected 0 … 1/,
  ],
];
describe("mistakes with pairs, sequences and games", () => refused(mistakes));
