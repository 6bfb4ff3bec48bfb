import { describe, expect, it } from "vitest";
import { capture, flatten, inspect, nn, random, relu, type Tensor, tensor, zeros } from "../../src/index.ts";
import { totalVariationOf } from "../../src/inspect/improve.ts";
import { refused } from "../misuse/refused.ts";

async function last<T>(steps: AsyncIterable<T>): Promise<T> {
  let end: T | undefined;
  for await (const step of steps) end = step;
  return end!;
}

const linear = nn.init(new nn.Linear(4, 3), { seed: 1 });
const net = nn.init(new nn.Sequential([new nn.Conv2d(1, 4, 3), relu, (x) => flatten(x, 1), new nn.Linear(4 * 36, 5)]), {
  seed: 2,
});
const noise = random.seed(3).normal([2, 1, 8, 8], { std: 0.1 });

describe("activation maximisation", () => {
  it("finds w / 2λ for a linear unit with decay λ", async () => {
    const options = { layer: "", unit: 1, decay: 0.5, rate: 0.02, steps: 800, every: 800 };
    const { input, activation } = await last(inspect.maximise(linear, zeros([1, 4]), options));
    const weights = await linear.weight.slice({ axis: 0, start: 1, stop: 2 }).data();
    (await input.data()).forEach((value, i) => {
      expect(value).toBeCloseTo(weights[i]!, 3);
    });
    const bias = (await linear.bias!.data())[1]!;
    expect(activation).toBeCloseTo(
      weights.reduce((sum, w) => sum + w * w, bias),
      3,
    );
  });

  it("raises a unit at one position, and there alone needs to change the input", async () => {
    const options = { layer: "0", unit: [2, 3, 3], steps: 30, every: 10 };
    const seen: inspect.MaximiseStep[] = [];
    for await (const step of inspect.maximise(net, noise, options)) seen.push(step);
    expect(seen.map(({ step }) => step)).toEqual([0, 10, 20, 30]);
    const risen = seen.map(({ activation }) => activation);
    expect(risen).toEqual(risen.toSorted((a, b) => a - b));
    const changed = await seen
      .at(-1)!
      .input.sub(noise)
      .abs()
      .sum({ axis: [0, 1] })
      .toArray();
    (changed as number[][]).forEach((row, y) => {
      row.forEach((value, x) => {
        const seenByUnit = y >= 3 && y < 6 && x >= 3 && x < 6;
        expect(value > 0.1).toBe(seenByUnit);
      });
    });
  });

  it("keeps to its range and is the same for the same key, with jitter", async () => {
    const options = { layer: "3", unit: 0, steps: 10, jitter: 2, totalVariation: 0.01, range: [-0.2, 0.2] } as const;
    const values = await (await last(inspect.maximise(net, noise, options))).input.data();
    expect(Math.max(...values)).toBeLessThanOrEqual(Math.fround(0.2));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(Math.fround(-0.2));
    expect(await (await last(inspect.maximise(net, noise, options))).input.data()).toEqual(values);
    const other = { ...options, key: random.seed(4) };
    expect(await (await last(inspect.maximise(net, noise, other))).input.data()).not.toEqual(values);
  });

  it("counts the differences of neighbours as total variation", async () => {
    const x = tensor([
      [
        [
          [1, 2],
          [4, 8],
        ],
      ],
    ]);
    expect(await totalVariationOf(x).toArray()).toEqual([1 + 16 + 9 + 36]);
  });
});

describe("inversion", () => {
  it("recovers an input from a layer that loses nothing", async () => {
    const square = nn.init(new nn.Linear(4, 4), { seed: 5 });
    const x = random.seed(6).normal([3, 4]);
    const options = { layer: "", start: zeros([3, 4]), steps: 3000, every: 3000, rate: 0.02 };
    const { input, loss } = await last(inspect.invert(square, square.forward(x), options));
    expect(loss).toBeLessThan(1e-6);
    expect(await input.sub(x).abs().max().item()).toBeLessThan(0.05);
  });

  it("comes near the representation of an image in a convolutional layer", async () => {
    const target = capture(net, random.seed(7).normal([2, 1, 8, 8])).get("1")!;
    const steps: number[] = [];
    for await (const { loss } of inspect.invert(net, target, { layer: "1", start: noise, steps: 200, every: 100 }))
      steps.push(loss);
    expect(steps[0]).toBeGreaterThan(0.5);
    expect(steps.at(-1)).toBeLessThan(0.02);
  });
});

describe("adversarial examples", () => {
  const images = random.seed(8).uniform([6, 1, 8, 8]);
  const labels = net.forward(images).argmax() as Tensor<"int32">;

  it("change the prediction, stay within reach, and are taken for what is wanted", async () => {
    const { input, loss } = await last(
      inspect.pgd(net, images, { classes: labels, epsilon: 0.3, steps: 20, start: random.seed(1) }),
    );
    expect(await input.sub(images).abs().max().item()).toBeLessThanOrEqual(0.3 + 1e-6);
    expect(await input.min().item()).toBeGreaterThanOrEqual(0);
    expect(await input.max().item()).toBeLessThanOrEqual(1);
    expect(loss).toBeGreaterThan(1);
    const wanted = labels.add(1).remainder(5).cast("int32");
    const options = { classes: wanted, targeted: true, epsilon: 0.5, steps: 40 };
    const taken = net.forward((await last(inspect.pgd(net, images, options))).input).argmax();
    expect(await taken.toArray()).toEqual(await wanted.toArray());
  });

  it("begin anywhere within the ball", async () => {
    for await (const { input, step } of inspect.pgd(net, images, {
      classes: labels,
      epsilon: 0.7,
      norm: "euclidean",
      range: [-2, 3],
      start: random.seed(1),
      steps: 3,
    })) {
      const lengths = await input
        .sub(images)
        .square()
        .sum({ axis: [1, 2, 3] })
        .sqrt()
        .data();
      expect(Math.max(...lengths)).toBeLessThanOrEqual(0.7 + 1e-5);
      if (step === 0) expect(Math.min(...lengths)).toBeGreaterThan(0);
    }
  });
});

const pull = (options: Partial<inspect.MaximiseOptions>, start = noise) =>
  last(inspect.maximise(net, start, { layer: "0", unit: 1, steps: 1, ...options }));
const attack = (options: Partial<inspect.PgdOptions>) => last(inspect.pgd(net, noise, { epsilon: 0.1, ...options }));

refused([
  ["a unit that there is not", () => pull({ unit: 4 }), /unit 4 of "0", expected one of 0 … 3/],
  ["a position outside", () => pull({ unit: [0, 6, 0] }), /unit 6 of "0", expected one of 0 … 5/],
  ["too many indices of a unit", () => pull({ unit: [0, 1, 2, 3] }), /the unit has 4 indices/],
  ["a layer that there is not", () => pull({ layer: "9" }), /no layer gives a tensor at "9"/],
  ["a rate of 0", () => pull({ rate: 0 }), /rate is 0, expected a positive number/],
  ["negative decay", () => pull({ decay: -1 }), /decay is -1/],
  ["half a pixel of jitter", () => pull({ jitter: 0.5 }), /jitter is 0\.5/],
  [
    "jitter without images",
    () => last(inspect.maximise(linear, zeros([1, 4]), { layer: "", unit: 0, jitter: 1 })),
    /the start is \[1, 4\], expected \[batch, channels, height, width\]/,
  ],
  ["a start of integers", () => pull({}, noise.cast("int32") as never), /int32, which has no derivative/],
  [
    "a target of another shape",
    () => last(inspect.invert(net, zeros([2, 3]).add(1), { layer: "3", start: noise })),
    /"3" gives \[2, 5\] for the start, but the target is \[2, 3\]/,
  ],
  ["a target of zeros", () => last(inspect.invert(net, zeros([2, 5]), { layer: "3", start: noise })), /target is 0/],
  ["a negative epsilon", () => inspect.fgsm(net, noise, { epsilon: -0.1 }), /epsilon is -0\.1/],
  ["an empty range", () => inspect.fgsm(net, noise, { epsilon: 0.1, range: [1, 0] }), /the range is 1 … 0/],
  ["no steps of an attack", () => attack({ steps: 0 }), /steps is 0/],
  ["an unknown norm", () => attack({ norm: "l1" as never }), /norm is l1, expected "infinity" or "euclidean"/],
]);
