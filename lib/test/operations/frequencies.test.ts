import { describe, expect, it } from "vitest";
import { arange, bincount, histogram, meshgrid, nonzero, type Tensor, tensor, unique } from "../../src/index.ts";

const numbers = async (x: Tensor) => Array.from(await x.data());

describe("counting values", () => {
  it("bincount counts, or adds weights up", async () => {
    const indices = tensor(Int32Array.of(1, 3, 1, 0, 1));
    expect(await numbers(bincount(indices, 5))).toEqual([1, 3, 0, 1, 0]);
    const weights = tensor([0.5, 2, 1, 4, 8]);
    expect(await numbers(bincount(indices, 4, { weights }))).toEqual([4, 9.5, 0, 2]);
  });

  it("histogram counts every value once, as a search for its bin would", async () => {
    const values = Array.from({ length: 500 }, (_, i) => Math.sin(i * i) * 3);
    const { counts, edges } = histogram(tensor(values, { dtype: "float64" }), { bins: 7 });
    const bounds = await numbers(edges);
    const expected = new Array(7).fill(0);
    for (const value of values) {
      const place = bounds.findIndex((edge, i) => i > 0 && (value < edge || i === 7)) - 1;
      expected[place]++;
    }
    expect(await numbers(counts)).toEqual(expected);
    expect(bounds[0]).toBe(Math.min(...values));
    expect(bounds[7]).toBeCloseTo(Math.max(...values), 12);
  });

  it("histogram leaves out what is outside or NaN, and gives one value alone a bin", async () => {
    const { counts } = histogram(tensor([-1, 0, 0.5, 1, 2, Number.NaN]), { bins: 2, low: 0, high: 1 });
    expect(await numbers(counts)).toEqual([1, 2]);
    expect(await numbers(histogram(tensor([3, 3, 3]), { bins: 4 }).counts)).toEqual([3, 0, 0, 0]);
  });

  it("unique orders the values, and finds each element among them", async () => {
    const x = tensor([
      [3, 1, 3],
      [2, 1, 3],
    ]);
    const { values, inverse, counts } = await unique(x);
    expect(await numbers(values)).toEqual([1, 2, 3]);
    expect(await numbers(counts)).toEqual([2, 1, 3]);
    expect(await numbers(values.take(inverse))).toEqual(await numbers(x));
    expect((await unique(tensor([], { shape: [0] }))).values.shape).toEqual([0]);
  });

  it("nonzero gives the places along every axis", async () => {
    const [rows, columns] = await nonzero(
      tensor([
        [0, 5, 0],
        [7, 0, 9],
      ]),
    );
    expect(await numbers(rows!)).toEqual([0, 1, 1]);
    expect(await numbers(columns!)).toEqual([1, 0, 2]);
  });

  it("meshgrid runs along columns first, or along rows", async () => {
    const [x, y, z] = meshgrid([arange(3), arange(2), arange(4)]);
    expect([x.shape, y.shape, z.shape]).toEqual([
      [2, 3, 4],
      [2, 3, 4],
      [2, 3, 4],
    ]);
    expect(await x.at(1, 2, 0).item()).toBe(2);
    expect(await z.at(1, 2, 3).item()).toBe(3);
    const [i] = meshgrid([arange(3), arange(2)], { indexing: "ij" });
    expect(await i.toArray()).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  });
});
