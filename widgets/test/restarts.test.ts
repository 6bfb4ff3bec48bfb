import { expect, test } from "vitest";
import { Restarts } from "../src/series/restarts.ts";

/** What is found of trainings of so many steps, which begin so many milliseconds one after another. */
function found(trainings: number, steps: number, apart: number): string[] {
  const restarts = new Restarts();
  return Array.from({ length: trainings }, (_, training) => {
    const what = restarts.again(training * apart);
    for (let step = 0; step < steps; step++) restarts.note();
    return what;
  });
}

test("trainings that are long, or begin at leisure, are runs, however many", () => {
  expect(new Set(found(500, 50, 10))).toEqual(new Set(["run"]));
  expect(new Set(found(500, 2, 2000))).toEqual(new Set(["run"]));
});

test("steps that go back all the time are those of several loops after twenty runs", () => {
  const all = found(500, 2, 10);
  expect(all.filter((what) => what === "run").length).toBeLessThanOrEqual(21);
  expect(all.filter((what) => what === "first")).toHaveLength(1);
  expect(all.at(-1)).toBe("in turns");
});

test("loops that took turns may be followed by a training, and are found again at once", () => {
  const restarts = new Restarts();
  for (let at = 0; at < 100; at++) restarts.again(at);
  expect(restarts.again(60_000)).toBe("run");
  for (let step = 0; step < 100; step++) restarts.note();
  expect(restarts.again(61_500)).toBe("run");
  expect(restarts.again(61_501)).toBe("in turns");
});
