import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { DataError, data, random } from "../../src/index.ts";

describe("datasets", () => {
  const set = new data.Dataset({
    x: { values: Uint8Array.from({ length: 20 }, (_, i) => i), shape: [2], dtype: "float32", scale: 0.5, shift: 1 },
    y: { values: Int32Array.from({ length: 10 }, (_, i) => i), shape: [], dtype: "int32" },
  });
  const orderOf = async (batches: Iterable<{ y: { data(): Promise<Int32Array> } }>) => {
    const order: number[][] = [];
    for (const { y } of batches) order.push([...(await y.data())]);
    return order;
  };

  it("make batches of tensors, scaled", async () => {
    const { x, y } = set.gather([3, 0]);
    expect(await x.toArray()).toEqual([
      [4, 4.5],
      [1, 1.5],
    ]);
    expect(await y.toArray()).toEqual([3, 0]);
    expect(await set.at(-1).y.item()).toBe(9);
    expect(await orderOf(set.slice(2, 5).batches({ size: 2 }))).toEqual([[2, 3], [4]]);
  });

  it("are sliced as arrays are", async () => {
    const labels = async (part: typeof set) => [
      ...(await part.gather(Array.from({ length: part.length }, (_, i) => i)).y.data()),
    ];
    expect(await labels(set.slice(-2))).toEqual([8, 9]);
    expect(await labels(set.slice(0, -7))).toEqual([0, 1, 2]);
    expect(await labels(set.slice(4, 8).slice(1, -1))).toEqual([5, 6]);
    expect(() => set.gather([1.5])).toThrow("Dataset: example 1.5 is outside 0 … 9.");
  });

  it("iterate in order, with or without the last short batch", async () => {
    const batches = set.batches({ size: 4 });
    expect(batches.length).toBe(3);
    expect(await orderOf(batches)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(await orderOf(set.batches({ size: 4, dropLast: true }))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
  });

  it("shuffle by key and epoch: every example once, the same order for the same key", async () => {
    const batches = () => set.batches({ size: 4, shuffle: random.seed(1) });
    const first = await orderOf(batches());
    expect(await orderOf(batches())).toEqual(first);
    expect(await orderOf(batches().epoch(0))).toEqual(first);
    expect(await orderOf(batches().epoch(1))).not.toEqual(first);
    expect(first.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("refuse columns of different length and places outside", () => {
    const column = (n: number) => ({ values: new Float32Array(n), shape: [], dtype: "float32" as const });
    expect(() => new data.Dataset({ a: column(3), b: column(4) })).toThrow(
      "Dataset: a has 3 examples, b has 4; expected as many of each.",
    );
    expect(() => new data.Dataset({ a: { ...column(10), shape: [3] } })).toThrow(
      "Dataset: a has 3.3333333333333335 examples; its values do not fill its shape a whole number of times.",
    );
    expect(() => set.gather([10])).toThrow("Dataset: example 10 is outside 0 … 9.");
  });
});

describe("mnist", () => {
  it("holds all 70,000 digits as they were published", async () => {
    const { train, test } = await data.mnist();
    expect([train.length, test.length]).toEqual([60_000, 10_000]);
    // The first ten labels of each set, as in every tutorial.
    expect([...(await train.gather([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).label.data())]).toEqual([
      5, 0, 4, 1, 9, 2, 1, 3, 1, 4,
    ]);
    expect([...(await test.gather([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).label.data())]).toEqual([
      7, 2, 1, 0, 4, 1, 4, 9, 5, 9,
    ]);
    // Mean and deviation of the training pixels, 0.1307 and 0.3081 in PyTorch's example.
    const pixels = train.columns.image.values as Uint8Array;
    const mean = pixels.reduce((sum, v) => sum + v, 0) / pixels.length / 255;
    expect(mean).toBeCloseTo(0.1307, 4);
    const image = train.at(0).image;
    expect(image.shape).toEqual([1, 28, 28]);
    expect(
      createHash("md5")
        .update(Uint8Array.from(await image.mul(255).round().data()))
        .digest("hex"),
    ).toBe(createHash("md5").update(pixels.subarray(0, 784)).digest("hex"));
  });

  it("lays ink and paper in the range asked for", async () => {
    const { train } = await data.mnist({ range: [-0.1, 1.175] });
    const image = train.at(0).image;
    expect(await image.min().item()).toBeCloseTo(-0.1, 6);
    expect(await image.max().item()).toBeCloseTo(1.175, 6);
  });
});

describe("idx files", () => {
  it("that are damaged are refused with the reason", () => {
    expect(() => data.readIdx("labels", Uint8Array.of(1, 2, 3, 4))).toThrow(DataError);
    expect(() => data.readIdx("labels", Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 5, 1, 2))).toThrow(
      "labels: the file holds 2 bytes, its header [5] announces 5.",
    );
  });
});
