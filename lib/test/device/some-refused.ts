import { expect } from "vitest";

/** Calls 100,000 times: some calls are refused as outside, some run, and none ends the process. */
export function expectSomeRefused(call: (i: number) => void): void {
  let refused = 0;
  for (let i = 0; i < 100_000; i++) {
    try {
      call(i);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(10_000);
  expect(refused).toBeLessThan(99_000);
}
