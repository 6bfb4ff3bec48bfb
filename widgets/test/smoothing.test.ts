import fc from "fast-check";
import { expect, test } from "vitest";
import { MovingAverage } from "../src/series/smoothing.ts";

test("the moving average is the weighted mean with weights that shrink by beta at each step back", () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e3, max: 1e3 });
  fc.assert(
    fc.property(
      fc.array(finite, { minLength: 1, maxLength: 60 }),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      (ys, beta) => {
        const average = new MovingAverage(beta);
        const last = ys.map((y) => average.push(y)).at(-1)!;
        const weights = ys.map((_, i) => beta ** (ys.length - 1 - i));
        const total = weights.reduce((a, b) => a + b, 0);
        const expected = ys.reduce((sum, y, i) => sum + y * weights[i]!, 0) / total;
        expect(Math.abs(last - expected)).toBeLessThan(1e-8);
      },
    ),
  );
});

test("values that are not finite leave the average as it was", () => {
  const average = new MovingAverage(0.9);
  expect(average.push(Number.NaN)).toBeNaN();
  expect(average.push(3)).toBeCloseTo(3, 12);
  expect(average.push(Number.POSITIVE_INFINITY)).toBeCloseTo(3, 12);
});
