import { expect, test } from "vitest";
import { Epochs } from "../src/series/epochs.ts";

/** Notes `epochs` epochs of `length` steps, as a training loop would. */
function noted(epochs: number, length: number, firstEpoch: number): Epochs {
  const result = new Epochs();
  for (let step = 1; step <= epochs * length; step++) {
    result.note(step, firstEpoch + Math.floor((step - 1) / length), step - 1);
  }
  return result;
}

test("whole epoch numbers become epochs completed, counted from 0 or from 1", () => {
  for (const first of [0, 1]) {
    const epochs = noted(3, 100, first);
    for (const step of [0, 50, 100, 150, 299, 300]) expect(epochs.at(step, 300)).toBeCloseTo(step / 100, 12);
  }
});

test("while the first epoch runs, it is taken to end with the latest step", () => {
  const epochs = noted(1, 40, 0);
  expect(epochs.at(40, 40)).toBe(1);
  expect(epochs.at(10, 40)).toBe(0.25);
});

test("fractional epochs are taken as they are", () => {
  const epochs = new Epochs();
  for (let step = 1; step <= 1000; step++) epochs.note(step, step / 250, step - 1);
  for (const step of [1, 100, 625, 1000]) expect(epochs.at(step, 1000)).toBeCloseTo(step / 250, 9);
});
