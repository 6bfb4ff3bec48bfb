import { describe, expect, it } from "vitest";
import { grad, losses, type Tensor, tensor, where } from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

const inf = Number.POSITIVE_INFINITY;
const int = (values: readonly number[]) => tensor(Int32Array.from(values));
const double = (values: readonly number[] | readonly (readonly number[])[]) =>
  tensor(values as number[], { dtype: "float64" });

/** What must not compile; `tsc` refuses this file when one of them does. */
export function mustNotCompile(): void {
  const whole = int([1, 2]);
  // @ts-expect-error logits are fractions
  losses.crossEntropy(whole, whole);
  // @ts-expect-error a prediction is made of fractions
  losses.squaredError(whole, whole);
  // @ts-expect-error truth values are no prediction
  losses.huber(whole.less(1), 1);
  // @ts-expect-error labels are int32
  losses.negativeLogLikelihood(tensor([[1, 2]]), tensor([1]));
  // @ts-expect-error there is no such reduction
  losses.absoluteError(tensor([1]), 0, { reduction: "max" });
  // @ts-expect-error a Gaussian has a variance
  losses.gaussianNegativeLogLikelihood(tensor([1]), 0, {});
}

describe("infinite logits", () => {
  it("give the limit of cross-entropy and of its gradient", async () => {
    const logits = double([
      [inf, 0, 1],
      [inf, 0, 1],
      [-inf, 0, 0],
      [-inf, -inf, 3],
      [inf, inf, 0],
    ]);
    const labels = int([0, 1, 1, 2, 0]);
    const each = await losses.crossEntropy(logits, labels, { reduction: "none" }).data();
    expect([...each]).toEqual([0, inf, Math.LN2, 0, Math.LN2].map((v) => expect.closeTo(v, 12)));
    const gradient = await grad((x: Tensor) => losses.crossEntropy(x, labels, { reduction: "sum" }))(logits).toArray();
    expect(gradient).toEqual(
      [
        [0, 0, 0],
        [1, -1, 0],
        [0, -0.5, 0.5],
        [0, 0, 0],
        [-0.5, 0.5, 0],
      ].map((row) => row.map((v) => expect.closeTo(v, 12))),
    );
  });

  it("give the limit with probabilities for labels, in which none times infinity is nothing", async () => {
    const logits = double([[-inf, 0, 0]]);
    const labels = double([[0, 0.5, 0.5]]);
    expect(await losses.crossEntropy(logits, labels).item()).toBeCloseTo(Math.LN2, 12);
    const gradient = await grad((x: Tensor) => losses.crossEntropy(x, labels))(logits).data();
    expect([...gradient]).toEqual([0, 0, 0]);
  });

  it("give the limit of binary cross-entropy and of its gradient", async () => {
    const logits = double([inf, inf, -inf, -inf, 0]);
    const target = tensor([1, 0, 0, 1, 1], { dtype: "bool" });
    const each = await losses.binaryCrossEntropy(logits, target, { reduction: "none" }).data();
    expect([...each]).toEqual([0, inf, 0, inf, Math.LN2]);
    const gradient = await grad((x: Tensor) => losses.binaryCrossEntropy(x, target, { reduction: "sum" }))(
      logits,
    ).data();
    expect([...gradient].map((v) => v + 0)).toEqual([0, 1, 0, -1, -0.5]);
  });

  it("leave the focal loss without NaN", async () => {
    const logits = double([inf, -inf, 800, -800]);
    const target = tensor([1, 0, 1, 0], { dtype: "bool" });
    expect(await losses.focal(logits, target).item()).toBe(0);
    const gradient = await grad((x: Tensor) => losses.focal(x, target))(logits).data();
    expect([...gradient].every(Number.isFinite)).toBe(true);
  });
});

describe("what does not count", () => {
  const logits = double([
    [1, 2],
    [0, 3],
    [2, 2],
  ]);

  it("is left out of the mean: by a label, by a mask, by both", async () => {
    const alone = await losses.crossEntropy(logits.slice({ axis: 0, stop: 1 }), int([1])).item();
    const mask = tensor([1, 1, 0], { dtype: "bool" });
    expect(await losses.crossEntropy(logits, int([1, -1, 0]), { ignoreIndex: -1, mask }).item()).toBeCloseTo(alone, 14);
  });

  it("has no gradient, even where the prediction is NaN", async () => {
    const prediction = double([1, Number.NaN, 3]);
    const mask = tensor([1, 0, 1], { dtype: "bool" });
    for (const loss of [losses.squaredError, losses.absoluteError, losses.huber, losses.smoothAbsoluteError] as const) {
      expect(await loss(prediction, 0, { mask, reduction: "sum" }).item()).toBeGreaterThan(0);
      const gradient = await grad((x: Tensor) => loss(x, 0, { mask }))(prediction).data();
      expect([...gradient].every(Number.isFinite)).toBe(true);
    }
  });
});

it("a number beside a condition takes the dtype of the other branch", async () => {
  const chosen = where(tensor([1, 0], { dtype: "bool" }), int([7, 8]), 0);
  expect(chosen.dtype).toBe("int32");
  expect(await chosen.toArray()).toEqual([7, 0]);
});

// biome-ignore lint/suspicious/noExplicitAny: what no type allows.
const wrong = losses as any;
const x = tensor([[1, 2, 3]]);
const label = int([1]);
const mistakes: readonly Mistake[] = [
  ["logits of integers", () => wrong.crossEntropy(int([1, 2]), label), /logits is int32, expected float32 or float64/],
  ["labels of fractions", () => wrong.negativeLogLikelihood(x, tensor([1])), /labels are float32, expected int32/],
  [
    "weights for other classes",
    () => losses.crossEntropy(x, label, { weights: tensor([1, 2]) }),
    /weights are \[2\], expected one for each class, \[3\]/,
  ],
  [
    "a negative smoothing",
    () => losses.crossEntropy(x, label, { smoothing: -0.1 }),
    /smoothing is -0\.1, expected 0 … 1/,
  ],
  [
    "ignoring a label of probabilities",
    () => losses.crossEntropy(x, x, { ignoreIndex: 0 }),
    /ignoreIndex is 0, but the labels are probabilities/,
  ],
  ["a label past the last", () => losses.crossEntropy(x, int([3])), /3 at \[0\] is outside 0 … 2/],
  [
    "a reduction that is none",
    () => wrong.squaredError(x, 0, { reduction: "average" }),
    /reduction is average, expected "mean", "sum" or "none"/,
  ],
  ["a mask of numbers", () => losses.squaredError(x, 0, { mask: x }), /the mask is float32, expected truth values/],
  [
    "a mask that does not fit",
    () => losses.crossEntropy(x, label, { mask: x.greater(0) }),
    /mask \[1, 3\] does not broadcast to the losses \[1\]/,
  ],
  [
    "a variance for more than the means",
    () => losses.gaussianNegativeLogLikelihood(x, 0, { variance: tensor([[1], [2]]) }),
    /the variance \[2, 1\] does not broadcast to the mean \[1, 3\]\. Axes meet from the last one/,
  ],
  [
    "a positiveWeight for more than the logits",
    () => losses.binaryCrossEntropy(x, x, { positiveWeight: tensor([[1], [2]]) }),
    /positiveWeight \[2, 1\] does not broadcast to the logits \[1, 3\]/,
  ],
  ["a kind that every object has", () => wrong.generator(x, { kind: "toString" }), /kind is toString, expected "non/],
  ["a prediction of integers", () => wrong.absoluteError(label, label), /the prediction is int32, expected float32/],
  ["a negative beta", () => losses.smoothAbsoluteError(x, 0, { beta: -1 }), /beta is -1, expected 0 or more/],
  [
    "a floor of nothing",
    () => losses.gaussianNegativeLogLikelihood(x, 0, { variance: 1, epsilon: 0 }),
    /epsilon is 0, expected a positive number/,
  ],
  [
    "counts of another shape",
    () => losses.poissonNegativeLogLikelihood(x, label),
    /the prediction is \[1, 3\], the count \[1\]/,
  ],
  ["a share above 1", () => losses.focal(x, x, { alpha: 2 }), /alpha is 2, expected 0 … 1/],
  ["more axes than there are", () => losses.dice(x, x, { axes: 3 }), /axes is 3, expected 1 … 2/],
];
describe("mistakes with losses", () => refused(mistakes));
