import fc from "fast-check";
import { expect, test } from "vitest";
import { readExample } from "../../src/attention/read-example.ts";
import { type SiftedMap, siftedMap } from "../../src/attention/sifted-map.ts";
import { siftingWords, strongest } from "../../src/attention/words.ts";

const whole = { layer: 0, head: 0, masked: false, threshold: 0, top: 0, range: "own" } as const;

async function sifted(
  weights: number[][],
  settings: object = {},
  { tokens = "abcdefgh".slice(0, weights.length).split(""), special = null as (string | number)[] | null } = {},
): Promise<SiftedMap> {
  const keys = tokens.length === weights[0]!.length ? tokens : weights[0]!.map((_, key) => `key ${key}`);
  const example = await readExample({ weights, queries: tokens, keys }, "");
  return siftedMap(example, { ...whole, ...settings }, special);
}

const rows = (map: SiftedMap) =>
  map.example.queries.map((_, query) => {
    const keys = map.example.keys.length;
    return [...map.weights.subarray(query * keys, (query + 1) * keys)].map((weight) => Number(weight.toFixed(4)));
  });

test("without special tokens the other weights of a query are divided by their sum, and that is said", async () => {
  const weights = [
    [0.5, 0.3, 0.1, 0.1],
    [0.6, 0.1, 0.2, 0.1],
    [0.2, 0.2, 0.4, 0.2],
    [1, 0, 0, 0],
  ];
  const tokens = ["[CLS]", "a", "b", "</s>"];
  const map = await sifted(weights, { masked: true }, { tokens });
  expect(rows(map)).toEqual([
    [0, 0, 0, 0],
    [0, 0.3333, 0.6667, 0],
    [0, 0.3333, 0.6667, 0],
    [0, 0, 0, 0],
  ]);
  expect(map.count).toEqual({ all: 4, shown: 4, broken: 0 });
  expect(siftingWords(map)).toEqual(["Without [CLS] </s>: the other weights of each query are divided by their sum."]);
  expect(rows(await sifted(weights, {}, { tokens }))[1]).toEqual([0.6, 0.1, 0.2, 0.1]);
});

test("special tokens are the usual ones, or those that are named by their text or place", async () => {
  const weights = [0, 1, 2, 3].map(() => [0.25, 0.25, 0.25, 0.25]);
  const tokens = ["<s>", "<unk>", ",", "<|endoftext|>"];
  const special = async (named: (string | number)[] | null) =>
    (await sifted(weights, {}, { tokens, special: named })).specialKeys;
  expect(await special(null)).toEqual([true, true, false, true]);
  expect(await special([","])).toEqual([false, false, true, false]);
  expect(await special([0, 2])).toEqual([true, false, true, false]);
  expect(await special([])).toEqual([false, false, false, false]);
});

test("a threshold leaves out smaller weights, and says how much attention is left", async () => {
  const map = await sifted(
    [
      [0.5, 0.25, 0.25, 0],
      [0.125, 0.125, 0.25, 0.5],
    ],
    { threshold: 0.25 },
  );
  expect([...map.shown]).toEqual([1, 1, 1, 0, 0, 0, 1, 1]);
  expect(map.share).toBeCloseTo(1.75 / 2);
  expect(siftingWords(map)).toEqual(["5 of 8 weights, 87.5 % of the attention."]);
});

test("the largest weights of each query are as many as wished, also of equal ones", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 5, maxLength: 5 }), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.integer({ min: 1, max: 7 }),
      async (weights, top) => {
        const map = await sifted(weights, { top });
        weights.forEach((row, query) => {
          const shown = row.filter((_, key) => map.shown[5 * query + key]);
          const best = [...row].sort((a, b) => b - a).slice(0, top);
          expect([...shown].sort((a, b) => b - a)).toEqual(best);
        });
      },
    ),
    { numRuns: 60 },
  ));

test("weights that are not numbers are counted and neither summed nor hidden", async () => {
  const map = await sifted([[Number.NaN, 0.75, 0.25]], { threshold: 0.5 });
  expect([...map.shown]).toEqual([1, 1, 0]);
  expect(map.largest).toBe(0.75);
  expect(siftingWords(map).at(-1)).toBe("1 weight is not a number (magenta).");
});

test("the strongest partners of a query and of a key come in order", async () => {
  const map = await sifted([
    [0.1, 0.6, 0.3],
    [0.5, 0.1, 0.4],
  ]);
  expect(strongest(map, { query: 0, key: null }, 2).map(({ index }) => index)).toEqual([1, 2]);
  expect(strongest(map, { query: null, key: 0 }, 5).map(({ index }) => index)).toEqual([1, 0]);
});
