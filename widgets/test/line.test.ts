import fc from "fast-check";
import { expect, test } from "vitest";
import { Line } from "../src/series/line.ts";
import { enoughToSmooth, Reading } from "../src/series/reading.ts";

function lineOf(values: readonly number[], most?: number): Line {
  const line = new Line("loss", most === undefined ? {} : { most });
  values.forEach((value, at) => {
    line.push({ step: at + 1, seconds: at / 10, wall: at / 5, value });
  });
  return line;
}

const anyValues = fc.array(
  fc.oneof({ weight: 30, arbitrary: fc.double({ noNaN: true, min: -1e6, max: 1e6 }) }, fc.constant(Number.NaN)),
  { minLength: 1, maxLength: 600 },
);

test("a line keeps every value with its place while there is room", () => {
  const line = lineOf(Array.from({ length: 1000 }, (_, i) => i * i));
  expect(line.length).toBe(1000);
  expect([...line.column("values")]).toEqual(Array.from({ length: 1000 }, (_, i) => i * i));
  expect([...line.column("steps")].slice(-2)).toEqual([999, 1000]);
  expect(line.column("walls")[10]).toBe(2);
});

test("a line that is full loses neither peaks nor its last value, and every point keeps its own place", () => {
  fc.assert(
    fc.property(anyValues, (values) => {
      const line = lineOf(values, 32);
      const kept = [...line.column("values")];
      const finite = values.filter(Number.isFinite);
      expect(line.length).toBeLessThanOrEqual(32);
      expect(line.total).toBe(values.length);
      expect(line.notFinite).toBe(values.length - finite.length);
      if (finite.length > 0) {
        expect(Math.max(...kept.filter(Number.isFinite))).toBe(Math.max(...finite));
        expect(Math.min(...kept.filter(Number.isFinite))).toBe(Math.min(...finite));
      }
      expect(kept.at(-1)).toBe(values.at(-1));
      expect(kept.some((value) => !Number.isFinite(value))).toBe(line.notFinite > 0);
      [...line.column("ordinals")].forEach((ordinal, at) => {
        expect(kept[at]).toBe(values[ordinal]);
        expect(line.steps[at]).toBe(ordinal + 1);
        expect(line.walls[at]).toBe(ordinal / 5);
      });
    }),
  );
});

test("a line that is full is equally dense from its beginning to its end, however much was added", () => {
  const noise = (step: number) => Math.sin(step * 12.9898) * 43_758.5453;
  for (const count of [2_000, 5_000, 10_000, 33_333]) {
    const line = lineOf(
      Array.from({ length: count }, (_, i) => noise(i) % 1),
      1000,
    );
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const ordinal of line.column("ordinals")) tenths[Math.floor((10 * ordinal) / count)]! += 1;
    expect(line.length).toBeGreaterThan(300);
    expect(Math.max(...tenths)).toBeLessThan(1.2 * Math.min(...tenths));
  }
});

test("the points of a thinned line stand for every finite value once", () => {
  fc.assert(
    fc.property(anyValues, fc.integer({ min: 8, max: 64 }), (values, most) => {
      const line = lineOf(values, most);
      const finite = values.filter(Number.isFinite);
      let [sum, count] = [0, 0];
      for (let at = 0; at < line.length; at++) {
        sum += line.meanAt(at) * line.countAt(at) || 0;
        count += line.countAt(at);
      }
      expect(count).toBe(finite.length);
      expect(sum / 1e6).toBeCloseTo(finite.reduce((a, b) => a + b, 0) / 1e6, 6);
    }),
  );
});

/** The average by its definition: weights that shrink by beta with each value back. */
function average(values: readonly number[], beta: number, at: number): number {
  let [sum, weights] = [0, 0];
  for (let back = 0; back <= at; back++) {
    const value = values[at - back]!;
    if (!Number.isFinite(value)) continue;
    sum += beta ** back * value;
    weights += beta ** back;
  }
  return sum / weights;
}

test("the average is the weighted mean of all values so far, as the line grows", () => {
  const values = Array.from({ length: 300 }, (_, i) => Math.sin(i) + i / 100);
  const line = lineOf(values.slice(0, 100));
  const reading = new Reading(line, 0.9);
  expect(reading.values[99]).toBeCloseTo(average(values, 0.9, 99), 10);
  for (const value of values.slice(100)) line.push({ step: line.total + 1, seconds: 0, wall: 0, value });
  for (const at of [0, 1, 57, 150, 299]) expect(reading.values[at]).toBeCloseTo(average(values, 0.9, at), 10);
  expect(reading.last).toBe(reading.values[299]);
});

test("an average forgets as fast as before when the line is thinned: by values that were added, not by those kept", () => {
  const values = Array.from({ length: 5000 }, (_, i) => (i < 4000 ? 0 : 1));
  const { line, values: smooth } = new Reading(lineOf(values, 512), 0.99);
  const at = [...line.column("ordinals")].findIndex((ordinal) => ordinal >= 4100);
  expect(line.length).toBeLessThanOrEqual(512);
  expect(smooth[at]).toBeCloseTo(1 - 0.99 ** (line.ordinals[at]! - 3999), 1);
});

test("the average of a line that was thinned is that of all values, not of its lowest and highest", () => {
  // 1, and 11 at every hundredth step on the average: the mean is 1.1.
  let seed = 7;
  const values = Array.from({ length: 40_000 }, () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed % 100 === 0 ? 11 : 1;
  });
  for (const most of [20_000, 5_000]) {
    const line = lineOf(values, most);
    const { values: smooth } = new Reading(line, 0.999);
    const { values: exact } = new Reading(lineOf(values), 0.999);
    expect(line.length).toBeLessThanOrEqual(most);
    for (let at = 100; at < line.length; at++)
      expect(Math.abs(smooth[at]! - exact[line.ordinals[at]!]!)).toBeLessThan(0.02);
  }
});

test("what is read of a line while it grows is what is read of it at the end", () => {
  fc.assert(
    fc.property(anyValues, fc.integer({ min: 1, max: 7 }), (values, every) => {
      const line = new Line("loss", { most: 64 });
      const reading = new Reading(line, 0.9);
      values.forEach((value, at) => {
        line.push({ step: at, seconds: 0, wall: 0, value });
        if (at % every === 0) reading.values;
      });
      const fresh = new Reading(line, 0.9);
      expect(reading.values).toEqual(fresh.values);
      expect([reading.best, reading.last]).toEqual([fresh.best, fresh.last]);
      expect(reading.stretches).toEqual(fresh.stretches);
    }),
  );
});

test("the best of an average does not lie among the first values, that of a short line may", () => {
  const lucky = [0, ...Array.from({ length: 199 }, (_, i) => 2 - i / 200)];
  const long = new Reading(lineOf(lucky), 0.9);
  expect(long.best!.at).toBeGreaterThanOrEqual(enoughToSmooth - 1);
  expect(new Reading(lineOf(lucky.slice(0, 20)), 0.9).best).toEqual({ at: 0, value: 0 });
});

test("stretches without finite values have a beginning and an end", () => {
  const { NaN: nan } = Number;
  const reading = new Reading(lineOf([1, nan, nan, 4, Number.POSITIVE_INFINITY]), 0.9);
  expect(reading.stretches).toEqual([
    { from: 1, until: 2 },
    { from: 4, until: 4 },
  ]);
  const often = new Reading(lineOf(Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 1 : nan))), 0.9);
  expect(often.stretches.length).toBeLessThanOrEqual(64);
  expect(often.stretches.at(-1)!.until).toBe(999);
});
