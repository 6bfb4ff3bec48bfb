import fc from "fast-check";
import { expect, test } from "vitest";
import { decimate, decimateTo, gap } from "../src/series/decimate.ts";

const values = fc.array(
  fc.oneof({ weight: 20, arbitrary: fc.double({ noNaN: true, min: -1e6, max: 1e6 }) }, fc.constant(Number.NaN)),
  { minLength: 1, maxLength: 400 },
);

test("a line that has room is drawn whole, and nothing else", () => {
  const zigzag = Array.from({ length: 2000 }, (_, i) => Math.sin(i * 12.9898) * i);
  expect(decimateTo(2000, zigzag)).toEqual(zigzag.map((_, i) => i));
});

test("a decimated line keeps its extremes and its ends and never goes back", () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 4, max: 60 }), (ys, limit) => {
      const drawn = decimateTo(limit, ys);
      const positions = drawn.filter((at) => at !== gap);
      const finite = ys.flatMap((y, at) => (Number.isFinite(y) ? [at] : []));
      expect(positions.length === 0).toBe(finite.length === 0);
      if (finite.length === 0) return;
      const heights = positions.map((at) => ys[at]!);
      expect(Math.max(...heights)).toBe(Math.max(...finite.map((at) => ys[at]!)));
      expect(Math.min(...heights)).toBe(Math.min(...finite.map((at) => ys[at]!)));
      expect([positions[0], positions.at(-1)]).toEqual([finite[0], finite.at(-1)]);
      for (const [i, at] of positions.entries()) if (i > 0) expect(at).toBeGreaterThan(positions[i - 1]!);
      expect(positions.length).toBeLessThanOrEqual(limit + 4);
    }),
  );
});

test("each group gives its lowest and its highest value, whatever the groups", () => {
  const ys = [5, 1, 9, 3, 2, 8, 7, 4];
  // Groups of 3, 1 and 4 values.
  const ends = [3, 3, 3, 4, 8, 8, 8, 8];
  expect(decimate(ys, 0, 8, (at) => ends[at]!)).toEqual([0, 1, 2, 3, 4, 5, 7]);
});

test("a line breaks where a value was not finite", () => {
  expect(decimateTo(100, [1, 2, Number.NaN, 4, Number.POSITIVE_INFINITY, 6])).toEqual([0, 1, gap, 3, gap, 5]);
  expect(decimateTo(100, [Number.NaN, 1, Number.NaN])).toEqual([1, gap]);
});
