import { expect, test } from "vitest";
import { confusionMatrix } from "../src/index.ts";
import { tensor } from "./browser/gallery.ts";
import { shown } from "./showing.ts";

const counts = [
  [8, 2],
  [1, 9],
];

test("says how many were right, with the true classes as rows", async () => {
  const bundle = await shown(confusionMatrix(counts, { labels: ["cat", "dog"], title: "Pets" }));
  expect(bundle["text/plain"]).toBe(
    "Pets: 17 of 20 correct (85 %)\ntrue \\ predicted  cat  dog\n             cat    8    2\n             dog    1    9",
  );
  expect(bundle["image/svg+xml"]).toContain(">80 %<");
  expect(bundle["image/svg+xml"]).toContain(">90 %<");
});

test("a tensor of counts gives the same as a table of them", async () => {
  const fromTensor = await shown(confusionMatrix(tensor([2, 2], ([i, j]) => counts[i!]![j!]!)));
  expect(fromTensor).toEqual(await shown(confusionMatrix(counts)));
});

test("right answers are shaded one way and mistakes the other, the most frequent mistake in full", async () => {
  const { z } = (await shown(confusionMatrix(counts)))["application/vnd.plotly.v1+json"].data[0] as { z: number[][] };
  expect(z[0]![0]).toBeCloseTo(Math.sqrt(0.8), 3);
  expect(z[0]![1]).toBe(-1);
  expect(z[1]![0]).toBeCloseTo(-Math.sqrt(0.5), 3);
});

test("a class that never occurs has no share of right answers", async () => {
  const bundle = await shown(
    confusionMatrix([
      [3, 0],
      [0, 0],
    ]),
  );
  expect(bundle["image/svg+xml"]).toContain(">–<");
  expect(bundle["image/svg+xml"]).not.toContain("NaN");
});

test("what is no square table of counts is refused where it is given", async () => {
  const expected = "expected a square table of counts, rows by true class and columns by predicted class.";
  expect(() => confusionMatrix([[1, 2], [3]])).toThrow(
    `confusionMatrix: row 1 has 1 entries in a table of 2 rows; ${expected}`,
  );
  expect(() => confusionMatrix([])).toThrow(`confusionMatrix: the table is empty; ${expected}`);
  expect(() => confusionMatrix(tensor([2, 3], () => 0))).toThrow("confusionMatrix: the shape is [2, 3]");
  expect(() => confusionMatrix([[-1]])).toThrow("confusionMatrix: -1 at [0, 0]");
  for (const source of [counts, tensor([2, 2], () => 1)]) {
    expect(() => confusionMatrix(source, { labels: ["a"] })).toThrow(
      "confusionMatrix: 1 labels for 2 classes. Give one for each.",
    );
    expect(() => confusionMatrix(source).update([[1, 2]])).toThrow("confusionMatrix: row 0 has 2 entries");
  }
  await expect(shown(confusionMatrix(() => tensor([2, 3], () => 0)))).rejects.toThrow("the shape is [2, 3]");
});

test("of very many classes there is the picture only, not a figure of many megabytes", async () => {
  const of = (classes: number) =>
    confusionMatrix(tensor([classes, classes], ([i, j]) => (i === j ? 9 : (i! * j!) % 7)));
  expect(Object.keys(await shown(of(200)))).toContain("application/vnd.plotly.v1+json");
  const many = await shown(of(201));
  expect(Object.keys(many)).toEqual(["text/plain", "image/svg+xml"]);
});
