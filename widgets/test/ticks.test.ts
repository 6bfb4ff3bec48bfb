import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatNumber, grouped, percent } from "../src/picture/numbers.ts";
import { linearTicks, logTicks, timeTicks } from "../src/picture/ticks.ts";

/** Reads a label as a person would. */
function read(label: string): number {
  return Number(label.replace(/−/g, "-").replace(/,/g, ""));
}

const ends = fc
  .tuple(fc.double({ min: -1e5, max: 1e5, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }))
  .filter(([low, length]) => length > Math.abs(low) * 1e-3)
  .map(([low, length]) => [low, low + length] as const);

describe("ticks of a linear axis", () => {
  test("lie inside, evenly, about as many as asked for, and their labels say their values", () => {
    fc.assert(
      fc.property(ends, fc.integer({ min: 3, max: 8 }), ([low, high], count) => {
        const ticks = linearTicks(low, high, count);
        const step = ticks[1]!.value - ticks[0]!.value;
        expect(ticks.length).toBeGreaterThanOrEqual(Math.floor(count / 2.5));
        expect(ticks.length).toBeLessThanOrEqual(count + 1);
        for (const [i, tick] of ticks.entries()) {
          expect(tick.value).toBeGreaterThanOrEqual(low - step * 1e-6);
          expect(tick.value).toBeLessThanOrEqual(high + step * 1e-6);
          if (i > 0) expect(tick.value - ticks[i - 1]!.value).toBeCloseTo(step, 6);
          expect(Math.abs(read(tick.label) - tick.value)).toBeLessThan(step * 0.01 + Math.abs(tick.value) * 1e-3);
        }
        expect(new Set(ticks.map((tick) => tick.label)).size).toBe(ticks.length);
      }),
      { numRuns: 2000 },
    );
  });

  test("are at least two", () => {
    expect(linearTicks(0.06, 0.14, 2).map((tick) => tick.value)).toEqual([0.075, 0.1, 0.125]);
  });

  test("are the numbers a person would choose", () => {
    expect(linearTicks(0, 2.6, 5).map((tick) => tick.label)).toEqual(["0", "1", "2"]);
    expect(linearTicks(0, 0.11, 5).map((tick) => tick.label)).toEqual(["0", "0.025", "0.050", "0.075", "0.100"]);
    expect(linearTicks(0, 2814, 7).map((tick) => tick.label)).toEqual(["0", "500", "1,000", "1,500", "2,000", "2,500"]);
    expect(linearTicks(1, 5, 7, true).map((tick) => tick.label)).toEqual(["1", "2", "3", "4", "5"]);
    expect(linearTicks(-1, 1, 4).map((tick) => tick.label)).toEqual(["−1.0", "−0.5", "0", "0.5", "1.0"]);
  });
});

test("ticks of a logarithmic axis are powers of ten, with numbers between them when there is room", () => {
  expect(logTicks(1e-4, 10, 6).map((tick) => tick.value)).toEqual([1e-4, 1e-3, 1e-2, 0.1, 1, 10]);
  expect(logTicks(0.05, 2, 6).map((tick) => tick.value)).toEqual([0.1, 0.3, 1]);
  expect(logTicks(1e-30, 1, 6).length).toBeLessThanOrEqual(7);
  expect(logTicks(2, 3, 5).map((tick) => tick.label)).toEqual(["2.0", "2.2", "2.4", "2.6", "2.8", "3.0"]);
});

test("ticks of a time axis are round in seconds, minutes or hours", () => {
  expect(timeTicks(0, 50, 5).map((tick) => tick.label)).toEqual(["0 s", "10 s", "20 s", "30 s", "40 s", "50 s"]);
  expect(timeTicks(0, 210, 4).map((tick) => tick.label)).toEqual(["0 min", "1 min", "2 min", "3 min"]);
  expect(timeTicks(0, 30_000, 5).map((tick) => tick.label)).toEqual(["0 h", "2 h", "4 h", "6 h", "8 h"]);
  expect(timeTicks(0, 0.5, 5)[1]!.label).toBe("0.1 s");
});

test("numbers are written with four digits that count", () => {
  expect([0.0412345, 12345.6, 1234, -0.5, 0, 3.2e-7, 1e12].map(formatNumber)).toEqual([
    "0.04123",
    "12,346",
    "1,234",
    "−0.5",
    "0",
    "3.2e−7",
    "1e12",
  ]);
  expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(formatNumber)).toEqual([
    "NaN",
    "∞",
    "−∞",
  ]);
  expect(grouped(1234567)).toBe("1,234,567");
  expect([percent(0.9889), percent(Number.NaN)]).toEqual(["98.9 %", "–"]);
});
