import { expect, test } from "vitest";
import { combined } from "../../src/attention/combine.ts";
import { readExample } from "../../src/attention/read-example.ts";
import { transformer, translation } from "./samples.ts";

const example = await readExample(transformer(3, 2, 4), "");
const { weights, layers, heads } = example;
const tokens = 4;
const at = (layer: number, head: number, query: number, key: number) =>
  weights[((layer * heads + head) * tokens + query) * tokens + key]!;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The share of a token at a place after layers 0 … `layer`: the sum over all ways through the layers, one by one. */
function share(
  layer: number,
  query: number,
  key: number,
  weight: (layer: number, q: number, k: number) => number,
): number {
  if (layer < 0) return query === key ? 1 : 0;
  const row = [0, 1, 2, 3].map((from) => 0.5 * weight(layer, query, from) + (from === query ? 0.5 : 0));
  const sum = row.reduce((total, part) => total + part, 0);
  return row.reduce((total, part, from) => total + (part / sum) * share(layer - 1, from, key, weight), 0);
}

test("rollout is the sum over all ways through the layers", () => {
  const meanOfHeads = (layer: number, q: number, k: number) => mean([at(layer, 0, q, k), at(layer, 1, q, k)]);
  const all = combined(example, { layer: "rollout", head: "mean" });
  const one = combined(example, { layer: "rollout", head: 1 });
  for (let query = 0; query < tokens; query++) {
    let sum = 0;
    for (let key = 0; key < tokens; key++) {
      const place = query * tokens + key;
      expect(all[place]).toBeCloseTo(share(layers - 1, query, key, meanOfHeads), 6);
      expect(one[place]).toBeCloseTo(
        share(layers - 1, query, key, (layer, q, k) => at(layer, 1, q, k)),
        6,
      );
      sum += all[place]!;
    }
    expect(sum).toBeCloseTo(1, 5);
  }
});

test("means are those of layers, of heads, and of both", () => {
  const [query, key] = [2, 1];
  const place = query * tokens + key;
  const value = (choice: Parameters<typeof combined>[1]) => combined(example, choice)[place];
  expect(value({ layer: 1, head: 0 })).toBe(at(1, 0, query, key));
  expect(value({ layer: 1, head: "mean" })).toBeCloseTo(mean([0, 1].map((head) => at(1, head, query, key))), 6);
  expect(value({ layer: "mean", head: 1 })).toBeCloseTo(mean([0, 1, 2].map((layer) => at(layer, 1, query, key))), 6);
  const both = [0, 1, 2].flatMap((layer) => [0, 1].map((head) => at(layer, head, query, key)));
  expect(value({ layer: "mean", head: "mean" })).toBeCloseTo(mean(both), 6);
});

test("attention between different tokens is no self-attention, even of as many", async () => {
  expect((await readExample(translation(), "")).self).toBe(false);
  expect(example.self).toBe(true);
  const pair = {
    weights: [
      [1, 0],
      [0, 1],
    ],
    queries: ["a", "b"],
  };
  expect((await readExample({ ...pair, keys: ["c", "d"] }, "")).self).toBe(false);
  expect((await readExample({ ...pair, keys: ["a", "b"] }, "")).self).toBe(true);
});
