import { capture, nn, random, relu, type Tensor } from "gradbook";
import { describe, expect, test } from "vitest";
import { ridgesOf } from "../src/histogram/ridges.ts";
import { packSpreads, type SpreadAt, unpackSpreads, withSpread } from "../src/histogram/series.ts";
import { spreadOf } from "../src/histogram/spread.ts";
import { histograms } from "../src/index.ts";
import { shown } from "./showing.ts";
import { normal } from "./spreads.ts";
import { tensor } from "./tensor.ts";

const textOf = async (widget: ReturnType<typeof histograms>) => (await shown(widget))["text/plain"] as string;
const at = (step: number, values: ArrayLike<number>, bins = 4): SpreadAt => ({ step, ...spreadOf(values, bins) });

describe("values are counted", () => {
  test("in bins of equal width, the highest value in the last one", () => {
    const spread = spreadOf([0, 0.9, 1, 1.9, 2, 3.9, 4], 4);
    expect(Array.from(spread.counts)).toEqual([2, 2, 1, 2]);
    expect(spread).toMatchObject({ low: 0, high: 4, count: 7, zeros: 1, notFinite: 0 });
  });

  test("with their mean and deviation, without what is not finite", () => {
    const spread = spreadOf([1, 3, Number.NaN, 5, Number.POSITIVE_INFINITY], 2);
    expect(spread).toMatchObject({ mean: 3, count: 3, notFinite: 2 });
    expect(spread.deviation).toBeCloseTo(Math.sqrt(8 / 3), 12);
  });

  test("also where there are none, or all the same", () => {
    expect(spreadOf([], 3)).toMatchObject({ low: Number.NaN, count: 0 });
    expect(Array.from(spreadOf([2, 2], 3).counts)).toEqual([2, 0, 0]);
  });
});

test("what is packed for the page is unpacked as it was, wherever its bytes lie", () => {
  const spreads = [at(1, [0.5, 1, 2]), at(2.5, [7, 7])];
  const packed = packSpreads("w", spreads);
  const moved = (view: ArrayBufferView) => {
    const bytes = new Uint8Array(view.byteLength + 3);
    bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), 3);
    return new DataView(bytes.buffer, 3);
  };
  const { name, steps, numbers, counts } = packed;
  const back = unpackSpreads({ name, steps: moved(steps), numbers: moved(numbers), counts: moved(counts) });
  expect(back.map(({ step }) => step)).toEqual([1, 2.5]);
  expect(back.map(({ counts }) => Array.from(counts))).toEqual(spreads.map(({ counts }) => Array.from(counts)));
  expect(back[0]).toMatchObject({ low: 0.5, high: 2, count: 3 });
});

test("steps stay in order, and one takes the place of its like", () => {
  let spreads: SpreadAt[] = [];
  for (const step of [3, 1, 2, 1]) spreads = withSpread(spreads, at(step, [step]));
  expect(spreads.map(({ step }) => step)).toEqual([1, 2, 3]);
});

test.each([65, 100, 128, 1000, 5003])(
  "of %d steps those that are kept lie about evenly from the first to the last",
  (count) => {
    let spreads: SpreadAt[] = [];
    for (let step = 0; step < count; step++) spreads = withSpread(spreads, at(10 * step, [step]));
    const kept = spreads.map(({ step }) => step);
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([64, 0, 10 * (count - 1)]);
    const gaps = kept.slice(1).map((step, index) => step - kept[index]!);
    expect(Math.max(...gaps)).toBeLessThanOrEqual((2 * 10 * (count - 1)) / 63);
  },
);

test("many bins at many steps are laid out", () => {
  const spreads = Array.from({ length: 64 }, (_, step) => at(step, normal(100, 1, step), 3000));
  const { ridges } = ridgesOf(
    spreads,
    { left: 0, top: 0, width: 400, height: 200 },
    { view: "ridges", logarithmic: false },
  );
  expect(ridges).toHaveLength(64);
});

test("an outline encloses the same area at every step, and values that are all the same are a needle", () => {
  const box = { left: 0, top: 0, width: 400, height: 200 };
  const spreads = [at(0, [0, 0, 0]), at(1, normal(1000, 0.1, 1), 40), at(2, normal(5000, 0.3, 2), 40)];
  const { axis, ridges } = ridgesOf(spreads, box, { view: "ridges", logarithmic: false });
  const area = ({ x, y, base }: (typeof ridges)[number]) =>
    x.slice(1).reduce((sum, right, i) => sum + (right - x[i]!) * (base - (y[i + 1]! + y[i]!) / 2), 0);
  expect(area(ridges[1]!) / area(ridges[2]!)).toBeCloseTo(1, 6);
  const [needle, narrow] = ridges;
  expect((needle!.x[0]! + needle!.x.at(-1)!) / 2).toBeCloseTo(axis.at(0), 9);
  expect(needle!.base - Math.min(...needle!.y)).toBeCloseTo(narrow!.base - Math.min(...narrow!.y), 6);
});

describe("with the library", () => {
  const model = nn.init(new nn.Sequential([new nn.Linear(4, 8), relu, new nn.Linear(8, 3)]), { seed: 1 });

  test("a model's parameters and its captured activations are given as they are", async () => {
    const text = await textOf(histograms(nn.parameters(model), { title: "Weights" }));
    expect(text).toMatch(/^Weights\n {2}0\.weight: −?[\d.]+ … −?[\d.]+, mean/);
    expect(text).toContain("0.bias");
    const x: Tensor = random.seed(2).uniform([16, 4]);
    expect(await textOf(histograms(capture(model, x)))).toMatch(/ {2}1: 0 … .*% zeros/);
  });

  test("a function gives those of each step", async () => {
    const weights = histograms(() => nn.parameters(model));
    await weights.add(1);
    await weights.add(2);
    expect(await textOf(weights)).toContain("0.weight at step 2: ");
  });
});

test("values are read when they are put down, in whatever order they arrive", async () => {
  const late = { shape: [2], data: () => new Promise<number[]>((done) => setTimeout(() => done([1, 2]), 20)) };
  const weights = histograms();
  const first = weights.add(1, { w: late });
  await weights.add(2, { w: [5, 6] });
  await first;
  expect(await textOf(weights)).toContain("w at step 2: 5 … 6");
});

test("a source without steps is read anew by update, and gives way to steps", async () => {
  let scale = 1;
  const weights = histograms(() => ({ w: tensor([3], ([i]) => scale * i!) }));
  expect(await textOf(weights)).toContain("w: 0 … 2, mean 1");
  scale = 10;
  await weights.update();
  expect(await textOf(weights)).toContain("w: 0 … 20, mean 10");
  await weights.add(7);
  expect(await textOf(weights)).toContain("w at step 7: 0 … 20");
});

test("a first reading that fails is tried again with the next display", async () => {
  let there = false;
  const weights = histograms(async () => {
    if (!there) throw new Error("not there yet");
    return { w: [1, 2] };
  });
  await expect(textOf(weights)).rejects.toThrow("not there yet");
  there = true;
  expect(await textOf(weights)).toContain("w: 1 … 2");
});

test("values that are still on their way to a display when steps begin do not stand among them", async () => {
  let arrive: (values: number[]) => void = () => {};
  const late = { shape: [2], data: () => new Promise<number[]>((done) => (arrive = done)) };
  const weights = histograms({ w: late });
  const first = textOf(weights);
  const added = weights.add(7, { w: [5, 6] });
  await expect.poll(() => arrive.length, { timeout: 60_000 }).toBe(1);
  arrive([1, 2]);
  await added;
  await first;
  const text = await textOf(weights);
  expect(text.split("\n").slice(1)).toEqual([expect.stringContaining("w at step 7: 5 … 6")]);
  await weights.add(8, { w: [5, 6] });
  expect((weights as unknown as { picture(): { "image/svg+xml": string } }).picture()["image/svg+xml"]).not.toContain(
    "NaN",
  );
});

test("values that fail before their turn fail where they were added, and nowhere else", async () => {
  let arrive: (values: number[]) => void = () => {};
  const late = { shape: [2], data: () => new Promise<number[]>((done) => (arrive = done)) };
  const weights = histograms();
  const first = weights.add(1, { w: late });
  const failing = expect(weights.add(2, () => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
  await new Promise((done) => setTimeout(done, 20));
  arrive([1, 2]);
  await Promise.all([first, failing]);
  expect(await textOf(weights)).toContain("w at step 1: 1 … 2");
});

test("what is no source is refused with a way out", async () => {
  const wrong = (source: unknown) => () => histograms(source as never);
  expect(wrong(3)).toThrow(/histograms: the values are 3|number.*Expected \{ conv1: tensor/);
  expect(wrong([3])).toThrow(/an entry is .*expected a name with its values/);
  expect(wrong({ w: 3 })).toThrow(/histograms: w is .*expected a tensor or numbers/);
  expect(() => histograms({}, { bins: 0 })).toThrow(/bins is 0, expected how many/);
  expect(() => histograms({}, { bins: 1001 })).toThrow(
    /bins is 1001, expected how many: a whole number from 1 to 1,000/,
  );
  await expect(histograms().add(1)).rejects.toThrow(/there are no values for step 1/);
  await expect(histograms().add(Number.NaN, {})).rejects.toThrow(/step is NaN, expected a number/);
  await expect(histograms(() => Promise.reject(new Error("gone"))).add(1)).rejects.toThrow("gone");
});
