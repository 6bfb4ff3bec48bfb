import fc from "fast-check";
import { expect, test } from "vitest";
import { Trace } from "../src/series/trace.ts";

const values = fc.array(
  fc.oneof({ weight: 20, arbitrary: fc.double({ noNaN: true, min: -1e6, max: 1e6 }) }, fc.constant(Number.NaN)),
  {
    minLength: 1,
    maxLength: 400,
  },
);

function traced(ys: readonly number[], capacity: number): Trace {
  const trace = new Trace(capacity);
  ys.forEach((y, x) => {
    trace.push(x, y);
  });
  return trace;
}

test("up to twice the capacity every point of a line is drawn, and nothing else", () => {
  const zigzag = Array.from({ length: 2000 }, (_, i) => Math.sin(i * 12.9898) * i);
  const { x, y } = traced(zigzag, 1000).points();
  expect(x).toEqual(zigzag.map((_, i) => i));
  expect(y).toEqual(zigzag);
});

test("a decimated line keeps its extremes and its ends, invents nothing and never goes back", () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 2, max: 16 }), fc.integer({ min: 4, max: 60 }), (ys, capacity, limit) => {
      const { x, y } = traced(ys, capacity).points(limit);
      const finite = ys.filter(Number.isFinite);
      const drawn = y.filter(Number.isFinite);
      expect(drawn.length === 0).toBe(finite.length === 0);
      if (finite.length === 0) return;
      expect(Math.max(...drawn)).toBe(Math.max(...finite));
      expect(Math.min(...drawn)).toBe(Math.min(...finite));
      expect(drawn[0]).toBe(finite[0]);
      expect(drawn.at(-1)).toBe(finite.at(-1));
      for (const [i, value] of y.entries()) {
        if (Number.isFinite(value)) expect(value).toBe(ys[x[i]!]);
        if (i > 0) expect(x[i]!).toBeGreaterThanOrEqual(x[i - 1]!);
      }
      expect(drawn.length).toBeLessThanOrEqual(Math.min(limit, 2 * capacity + 2) + 4);
    }),
  );
});

test("a line breaks where a value was not finite", () => {
  const { x, y } = traced([1, 2, Number.NaN, 4, Number.POSITIVE_INFINITY, 6], 100).points();
  expect(y).toEqual([1, 2, Number.NaN, 4, Number.NaN, 6]);
  expect(x).toEqual([0, 1, 3, 3, 5, 5]);
});
