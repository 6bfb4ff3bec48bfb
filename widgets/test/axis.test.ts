import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lossCurve } from "../src/index.ts";
import { verticalAxis } from "../src/picture/axis.ts";
import { shown } from "./showing.ts";

const [bottom, top] = [250, 20];
const extremes = [5e-324, 1e-310, 2.2e-308, 1e-300, 1, 1e300, 1.7e308, Number.MAX_VALUE];

/** Any finite number, often one at the ends of what there is. */
const anyNumber = fc.oneof(
  fc.constantFrom(0, ...extremes, ...extremes.map((value) => -value)),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

describe("a vertical axis", () => {
  test.each(["linear", "log"] as const)("that is %s has few marks, all inside, whatever the values", (scale) => {
    fc.assert(
      fc.property(
        fc.array(anyNumber, { maxLength: 4 }),
        fc.array(anyNumber, { maxLength: 4 }),
        (values, background) => {
          const axis = verticalAxis(scale, values, background, bottom, top);
          expect(axis.ticks.length).toBeLessThan(20);
          for (const { value } of axis.ticks) {
            expect(axis.at(value)).toBeGreaterThanOrEqual(top - 1e-6);
            expect(axis.at(value)).toBeLessThanOrEqual(bottom + 1e-6);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("of logarithms spans as many decades as there are", () => {
    const axis = verticalAxis("log", [1e-200, 1e200], [], bottom, top);
    expect(axis.at(1)).toBeCloseTo((bottom + top) / 2, 6);
    expect(axis.at(1e200)).toBeCloseTo(top + (0.04 / 1.08) * (bottom - top), 6);
    expect(axis.ticks.map(({ value }) => value)).toContain(1);
  });

  test("puts the larger of two values higher, unless they are hardly different from zero", () => {
    for (const [low, high] of [
      [1e-310, 1],
      [1e-300, 1e300],
      [1, 1.7e308],
    ] as const)
      for (const scale of ["linear", "log"] as const) {
        const axis = verticalAxis(scale, [low, high], [], bottom, top);
        expect(axis.at(high)).toBeLessThan(axis.at(low));
      }
  });
});

test("a curve of extreme values is drawn without delay and without NaN", async () => {
  for (const yScale of ["linear", "log"] as const)
    for (const first of extremes)
      for (const second of extremes) {
        const curve = lossCurve({ yScale });
        curve.add({ step: 1, loss: first });
        curve.add({ step: 2, loss: second });
        expect((await shown(curve))["image/svg+xml"]).not.toMatch(/NaN|Infinity|undefined/);
      }
});
