import { describe, expect, it } from "vitest";
import { data, random, type Tensor } from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

const set = new data.Dataset({
  x: { values: Uint8Array.from({ length: 200 }, (_, i) => i), shape: [2], dtype: "float32", scale: 0.5 },
  label: {
    values: Int32Array.from({ length: 100 }, (_, i) => (i < 70 ? 0 : i < 90 ? 1 : 2)),
    shape: [],
    dtype: "int32",
  },
  person: { values: Int32Array.from({ length: 100 }, (_, i) => Math.floor(i / 4)), shape: [], dtype: "int32" },
});
type Set = typeof set;
const key = random.seed(5);
const firsts = (part: Set) =>
  Array.from({ length: part.length }, (_, i) => Math.round((part.row(i).x as Float32Array)[0]!));
const share = (part: Set, label: number) => part.filter((row) => row.label === label).length;

describe("datasets divided", () => {
  it("give every example to one part, the same for the same key", () => {
    const [train, valid, test] = set.split([0.7, 0.2, 0.1], { key });
    expect([train.length, valid.length, test.length]).toEqual([70, 20, 10]);
    expect([...firsts(train), ...firsts(valid), ...firsts(test)].sort((a, b) => a - b)).toEqual(firsts(set));
    expect(firsts(set.split([0.7, 0.3], { key })[0])).toEqual(firsts(train));
    expect(firsts(set.split([0.7, 0.3], { key: random.seed(6) })[0])).not.toEqual(firsts(train));
    expect(firsts(set.split([0.5, 0.5])[0])).toEqual(firsts(set.slice(0, 50)));
  });

  it("keep the shares of classes where asked", () => {
    const [train, test] = set.split([0.8, 0.2], { key, stratify: "label" });
    expect([0, 1, 2].map((label) => [share(train, label), share(test, label)])).toEqual([
      [56, 14],
      [16, 4],
      [8, 2],
    ]);
    for (const { test } of set.folds(10, { key, stratify: "label" }))
      expect([0, 1, 2].map((label) => share(test, label))).toEqual([7, 2, 1]);
  });

  it("keep all of one person together where asked", () => {
    for (const { train, test } of set.folds(5, { key, group: "person" })) {
      expect(test.length).toBe(20);
      const people = new Set(Array.from({ length: train.length }, (_, i) => train.row(i).person));
      for (let i = 0; i < test.length; i++) expect(people.has(test.row(i).person)).toBe(false);
    }
  });

  it("test each example once in all folds, sizes as even as can be", () => {
    const folds = set.folds(7, { key, stratify: "label" });
    expect(folds.flatMap(({ test }) => firsts(test)).sort((a, b) => a - b)).toEqual(firsts(set));
    const sizes = folds.map(({ test }) => test.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    for (const { train, test } of folds) expect(train.length + test.length).toBe(100);
  });

  it("are filtered, chosen from and joined", async () => {
    const twos = set.filter((row) => row.label === 2);
    expect(firsts(twos)).toEqual(firsts(set.slice(90)));
    const chosen = set.select([3, 1]);
    expect(firsts(chosen)).toEqual([3, 1]);
    const joined = twos.concat(chosen);
    expect(firsts(joined)).toEqual([...firsts(twos), 3, 1]);
    expect(await (joined.gather([10]).x as Tensor).toArray()).toEqual([[3, 3.5]]);
  });
});

describe("batches changed by a function", () => {
  it("are given a key of their own in each epoch", async () => {
    const noisy = set.batches({ size: 40 }).map(({ x }, own) => own.uniform(x.shape), { key });
    expect(noisy.length).toBe(3);
    const first = async (epoch: number) => Promise.all([...noisy.epoch(epoch)].map(async (x) => (await x.data())[0]!));
    const values = await first(0);
    expect(new Set([...values, ...(await first(1))]).size).toBe(6);
    expect(await first(0)).toEqual(values);
    expect([...noisy.map((x) => x.shape[0])]).toEqual([40, 40, 20]);
  });
});

describe("a mistake in dividing", () => {
  refused([
    [
      "shares beyond all",
      () => set.split([0.8, 0.8]),
      /the shares are \[0\.8, 0\.8\], expected positive ones that add up to 1/,
    ],
    ["a negative share", () => set.split([1.5, -0.5]), /expected positive ones that add up to 1/],
    ["no shares", () => set.split([]), /the shares are \[\], expected/],
    ["one fold", () => set.folds(1), /1 folds of 100 examples, expected 2 … 100/],
    [
      "classes of no column",
      () => set.split([0.5, 0.5], { stratify: "class" as never }),
      /class is no column of single values.*x, label, person/,
    ],
    ["classes that are lists", () => set.split([0.5, 0.5], { stratify: "x" }), /x is no column of single values/],
    [
      "classes and groups",
      () => set.folds(2, { stratify: "label", group: "person" }),
      /stratify and group are both given/,
    ],
    [
      "too few classes",
      () => data.splitIndices(3, [0.5, 0.5], { stratify: [1] }),
      /stratify has 1 values for 3 examples/,
    ],
    ["an example past the last", () => set.select([100]), /example 100 is outside 0 … 99/],
    ["a row before the first", () => set.row(-1), /example -1 is outside 0 … 99/],
    [
      "columns of another set",
      () => set.concat(new data.Dataset({ x: set.columns.x }) as never),
      /the other set has no column label of int32 \[\]/,
    ],
  ]);
});
