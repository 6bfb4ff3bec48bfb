import { decode } from "fast-png";
import { describe, expect, test } from "vitest";
import { labellingOf } from "../../src/embedding/classes.ts";
import { nearestTo } from "../../src/embedding/neighbours.ts";
import { randomPlaces } from "../../src/embedding/settings.ts";
import { imageShape, thumbnailsOf } from "../../src/embedding/thumbnails.ts";
import { sequence } from "../tensor.ts";

describe("labels", () => {
  test("of text name classes, in the order in which people count", () => {
    const { classes, classOf, values } = labellingOf(["item 10", "item 9", "item 10", "b"]);
    expect(classes).toEqual(["b", "item 9", "item 10"]);
    expect([...classOf!]).toEqual([2, 1, 2, 0]);
    expect(values).toBeNull();
  });

  test("of few whole numbers name classes, all others are measurements", () => {
    expect(labellingOf([3, 1, 1, 12]).classes).toEqual(["1", "3", "12"]);
    expect(labellingOf(["b", "", "a"]).classes).toEqual(["a", "b", ""]);
    expect([...labellingOf([0.5, 1, 2]).values!]).toEqual([0.5, 1, 2]);
    expect(labellingOf(Array.from({ length: 40 }, (_, i) => i)).values).toHaveLength(40);
    expect(labellingOf([1, 2, Number.NaN]).values![2]).toBeNaN();
  });

  test("are what one says they are", () => {
    expect([...labellingOf([1, 2], "value").values!]).toEqual([1, 2]);
    expect(labellingOf([0.5, 0.25], "class").classes).toEqual(["0.25", "0.5"]);
    expect(() => labellingOf(["1", "tall"], "value")).toThrow('label 1 is "tall", expected numbers');
  });
});

describe("neighbours", () => {
  const next = sequence(4);
  const [count, width] = [60, 7];
  const vectors = Float32Array.from({ length: count * width }, () => next() - 0.5);
  const row = (index: number) => Array.from(vectors.subarray(index * width, (index + 1) * width));

  test.each(["euclidean", "cosine"] as const)("are those of a comparison of all rows, %s", (measure) => {
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
    const apart = (a: readonly number[], b: readonly number[]) =>
      measure === "euclidean"
        ? Math.hypot(...a.map((value, k) => value - b[k]!))
        : 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    for (const point of [0, 17, 59]) {
      const all = Array.from({ length: count }, (_, index) => ({ index, distance: apart(row(point), row(index)) }));
      const expected = all.filter(({ index }) => index !== point).sort((a, b) => a.distance - b.distance);
      const found = nearestTo(vectors, width, point, 9, measure);
      expect(found.indices).toEqual(expected.slice(0, 9).map(({ index }) => index));
      for (const [i, distance] of found.distances.entries()) expect(distance).toBeCloseTo(expected[i]!.distance, 6);
    }
  });

  test("are as many as there are, the first of equally near ones first", () => {
    expect(nearestTo([0, 1, -1, 1], 1, 0, 10, "euclidean")).toEqual({ indices: [1, 2, 3], distances: [1, 1, 1] });
    // A row of zeros has no direction.
    expect(nearestTo([1, 0, 0, 0, 2, 0], 2, 0, 2, "cosine")).toEqual({ indices: [2, 1], distances: [0, 1] });
  });
});

describe("images", () => {
  test("lie side by side in one PNG, stretched from black to white", () => {
    const values = Float32Array.from({ length: 5 * 2 * 3 }, (_, i) => i);
    const { png, columns, width, height, ink } = thumbnailsOf({ shape: [5, 2, 3], values });
    expect({ columns, width, height, ink }).toEqual({ columns: 2, width: 3, height: 2, ink: false });
    const picture = decode(png);
    expect([picture.width, picture.height, picture.channels]).toEqual([6, 6, 1]);
    // The third pixel of the second row of image 3, which is the second one of the second row of images.
    expect(picture.data[3 * 6 + 5]).toBe(Math.round((255 * (3 * 6 + 5)) / 29));
  });

  test("in colour keep their channels, and strokes are told from pictures", () => {
    const values = new Float32Array(2 * 3 * 2 * 2);
    values[4] = 1;
    const picture = decode(thumbnailsOf({ shape: [2, 3, 2, 2], values }).png);
    // Image 0, channel 1, pixel 0.
    expect([...picture.data.slice(0, 3)]).toEqual([0, 255, 0]);
    const strokes = Float32Array.from({ length: 4 * 16 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    expect(thumbnailsOf({ shape: [4, 1, 4, 4], values: strokes }).ink).toBe(true);
  });

  test("that are too many or too large become smaller, each pixel the mean of a square", () => {
    const large = thumbnailsOf({
      shape: [2, 128, 128],
      values: Float32Array.from({ length: 2 * 128 ** 2 }, (_, i) => i % 2),
    });
    expect([large.width, large.height]).toEqual([64, 64]);
    expect(new Set(decode(large.png).data)).toEqual(new Set([128]));
    const many = thumbnailsOf({ shape: [10_000, 28, 28], values: new Float32Array(10_000 * 784) });
    expect(many.width).toBe(14);
    const { width, height } = decode(many.png);
    expect(width * height).toBeLessThanOrEqual(2_500_000);
  });

  test("must be as many as the points", () => {
    expect(() => imageShape([3, 8, 8], 4)).toThrow("3 images for 4 points");
    expect(() => imageShape([4, 2, 8, 8], 4)).toThrow("[4, 2, 8, 8], expected [points, height, width]");
    expect(() => imageShape([4, 8], 4)).toThrow("[4, 8], expected");
  });
});

test("random places are normal, small, and the same for the same seed", () => {
  const places = randomPlaces(4000, 2, 7);
  expect(places).toEqual(randomPlaces(4000, 2, 7));
  expect(places).not.toEqual(randomPlaces(4000, 2, 8));
  const mean = places.reduce((sum, value) => sum + value, 0) / places.length;
  const spread = Math.sqrt(places.reduce((sum, value) => sum + (value - mean) ** 2, 0) / places.length);
  expect(Math.abs(mean)).toBeLessThan(5e-6);
  expect(spread / 1e-4).toBeCloseTo(1, 1);
  const near = places.filter((value) => Math.abs(value) < 1e-4).length / places.length;
  expect(near).toBeGreaterThan(0.66);
  expect(near).toBeLessThan(0.71);
});
