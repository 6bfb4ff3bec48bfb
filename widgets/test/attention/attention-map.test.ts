import { expect, test } from "vitest";
import { type AttentionExample, attentionMap } from "../../src/index.ts";
import { shown } from "../showing.ts";
import { tensor } from "../tensor.ts";
import { caption, long, reversal, transformer, translation } from "./samples.ts";

const even = (shape: readonly number[]) => tensor(shape, () => 1 / shape.at(-1)!);
const letters = (count: number) => Array.from({ length: count }, (_, index) => String.fromCharCode(97 + index));

test.each<[string, AttentionExample, string]>([
  [
    "too few queries",
    { weights: even([12, 12]), queries: letters(11) },
    "attentionMap: the weights are [12, 12], and there are 11 queries; expected 12, one for each row.",
  ],
  [
    "no keys",
    { weights: even([3, 4]), queries: letters(3) },
    "the weights are [3, 4], and there are no keys; expected the 4 tokens that are attended to",
  ],
  [
    "turned",
    { weights: even([3, 4]), queries: letters(4), keys: letters(3) },
    "Queries are the rows, keys the columns: give them the other way round.",
  ],
  [
    "keys",
    { weights: even([3, 4]), queries: letters(3), keys: letters(5) },
    "there are 5 keys; expected 4, one for each column.",
  ],
  [
    "a vector",
    { weights: even([3]), queries: letters(3) },
    "the weights are [3]; expected [queries, keys], [heads, queries, keys] or [layers, heads, queries, keys], of one sequence.",
  ],
  [
    "a batch of layers",
    { weights: even([1, 1, 1, 3, 3]), queries: letters(3) },
    "the weights are [1, 1, 1, 3, 3]; expected",
  ],
  [
    "uneven lists",
    { weights: [[1, 0], [1]], queries: letters(2) },
    "entry 1 of a list is [1], entry 0 is [2]. Give lists of equal lengths.",
  ],
  ["nothing", { weights: [], queries: [] }, "there are no weights in the list"],
  [
    "patches alone",
    { weights: even([3, 4]), queries: letters(3), patches: [2, 2] },
    "there are patches and no image; expected both.",
  ],
  [
    "an image alone",
    { weights: even([3, 4]), queries: letters(3), image: even([4, 4]) },
    "the image has no patches; expected both. Give patches: [rows, columns].",
  ],
  [
    "other patches",
    { weights: even([3, 4]), queries: letters(3), image: even([4, 4]), patches: [3, 2] },
    "[3, 2] patches are 6 keys; expected 4",
  ],
  [
    "an image of two channels",
    { weights: even([3, 4]), queries: letters(3), image: even([2, 4, 4]), patches: [2, 2] },
    "the image is [2, 4, 4], expected [height, width] or [1 or 3, height, width].",
  ],
  ["no tensor", { weights: {} as never, queries: letters(3) }, "this is no tensor"],
  ["no list of tokens", { weights: even([3, 3]), queries: "abc" as never }, "queries is no list of texts"],
])("what does not fit is refused with a clear message in the line that gave it: %s", (_, example, message) => {
  expect(() => attentionMap([example])).toThrow(message);
});

test("what can only be known with the values is refused when it is shown", async () => {
  const scores = attentionMap(
    [
      [0.5, 0.5],
      [-1, 2],
    ],
    { queries: ["a", "b"] },
  );
  await expect(shown(scores)).rejects.toThrow(
    "the weight at [1, 0] is -1, expected weights from 0. Give what softmax returns",
  );
  const later = attentionMap(() => even([2, 3]), { queries: ["a", "b"] });
  await expect(shown(later)).rejects.toThrow("attentionMap: the weights are [2, 3], and there are no keys");
  const names = attentionMap(even([2, 2, 2]), { queries: ["a", "b"], heads: ["one"] });
  await expect(shown(names)).rejects.toThrow("1 names for 2 heads. Give one for each.");
  const models = attentionMap([transformer(1, 2, 5), transformer(2, 2, 5)]);
  await expect(shown(models)).rejects.toThrow("example 1 has 2 layers of 2 heads, example 0 has 1 of 2");
});

test("tensors, nested lists, lists of tensors, rows of typed arrays and functions give the same map", async () => {
  const nested = [
    [
      [0.25, 0.75],
      [1, 0],
    ],
    [
      [0.5, 0.5],
      [0, 1],
    ],
  ];
  const flat = nested.flat(2);
  const head = (index: number) => ({ shape: [2, 2], data: async () => flat.slice(4 * index, 4 * index + 4) });
  const whole = { shape: [2, 2, 2], data: async () => flat };
  const typed = nested.map((rows) => rows.map((row) => Float32Array.from(row)));
  const texts = await Promise.all(
    [nested, whole, [head(0), head(1)], typed, () => whole, () => nested].map(
      async (weights) => (await shown(attentionMap(weights, { queries: ["a", "b"] })))["text/plain"],
    ),
  );
  expect(new Set(texts).size).toBe(1);
  expect(texts[0]).toBe("attentionMap: 1 × 2 × 2 × 2 weights; mean of 2 heads\n  a → b 0.625\n  b → a 0.5");
});

test("the picture has the tokens, the axes and as dark a cell where the weight is largest", async () => {
  const map = attentionMap([reversal()], { title: "Reverse <task>", axes: ["output", "input"] });
  const svg = (await shown(map))["image/svg+xml"];
  for (const text of ["Reverse &lt;task&gt;", "input →", "← output", "&lt;/s&gt;"]) expect(svg).toContain(text);
  // Twelve cells of the darkest shades on the anti-diagonal.
  const dark = [...svg.matchAll(/<path class="gradbook-shade-(\d+)"[^>]* d="([^"]*)"/g)].filter(
    ([, shade]) => Number(shade) > 20,
  );
  const cells = dark.flatMap(([, , d]) =>
    [...d!.matchAll(/M([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const),
  );
  expect(cells).toHaveLength(12);
  const sums = new Set(cells.map(([x, y]) => Math.round(x + y)));
  expect(sums.size).toBe(1);
});

test("the picture shows all heads small, an image once for each word, and long sequences as pixels", async () => {
  const images = (svg: string) => svg.match(/<image /g)?.length ?? 0;
  const svg = async (example: AttentionExample) => (await shown(attentionMap([example])))["image/svg+xml"];
  // Each of the 32 heads on light and on dark.
  expect(images(await svg(transformer()))).toBe(64);
  const words = await svg(caption());
  expect(images(words)).toBe(9);
  for (const word of ["circle", "blue", "square"]) expect(words).toContain(`>${word}</text>`);
  expect(images(await svg(long()))).toBe(2);
});

test("in plain Node the choice is kept, and the picture follows it", async () => {
  const map = attentionMap([transformer()], { layer: 1, head: 3 });
  expect((await shown(map))["text/plain"]).toMatch(/; layer 1, head 3\n/);
  map.choose({ layer: "rollout", head: "mean", masked: true });
  expect((await shown(map))["text/plain"]).toMatch(/; rollout through all layers, mean of 8 heads\n/);
  expect((await shown(map))["text/plain"]).toMatch(/\nWithout \[CLS\] \[SEP\]: the other weights/);
  expect(map.choice).toMatchObject({ layer: "rollout", head: "mean", masked: true, pin: null });
  map.choose({ layer: 99 });
  expect(map.choice.layer).toBe(3);
  const cross = attentionMap([translation()], { layer: "rollout" });
  await shown(cross);
  expect(cross.choice.layer).toBe(0);
});

test("other weights of as many tokens can be given", async () => {
  let sharp = 0.5;
  const map = attentionMap(
    () => [
      [sharp, 1 - sharp],
      [1 - sharp, sharp],
    ],
    { queries: ["a", "b"] },
  );
  expect((await shown(map))["text/plain"]).toContain("a → a 0.5");
  sharp = 0.25;
  expect((await shown(map))["text/plain"]).toContain("a → a 0.5");
  await map.update();
  expect((await shown(map))["text/plain"]).toContain("a → b 0.75");
  await map.update([
    [1, 0],
    [1, 0],
  ]);
  expect((await shown(map))["text/plain"]).toContain("b → a 1");
  await expect(map.update(even([3, 3]))).rejects.toThrow("there are 2 queries; expected 3");
});
