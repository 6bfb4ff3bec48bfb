import { expect, it } from "vitest";
import { random } from "../../src/index.ts";

// Multiples of many numbers, a prime, and twice a prime: whole pieces, none, and few.
for (const n of [131_072, 262_143, 131_101, 262_202, 1_000_000, 1_048_583])
  it(`${n} numbers are folded as exactly as few`, async () => {
    const x = random.seed(n).normal([n]);
    const values = await x.data();
    let [total, size] = [0, 0];
    for (const value of values) {
      total += value;
      size += Math.abs(value);
    }
    // What is computed on the way, too, and what does not lie side by side.
    const half = await x.mul(0.5).sum().item();
    const apart = await x.expandDims(1).broadcastTo([n, 2]).sum().item();
    for (const [sum, expected] of [
      [await x.sum().item(), total],
      [half, total / 2],
      [apart, 2 * total],
    ] as const)
      expect(Math.abs(sum - expected) / size).toBeLessThan(1e-7);
    expect(await x.max().item()).toBe(values.reduce((a, b) => Math.max(a, b)));
    expect(await x.expandDims(0).sum({ axis: 1 }).item()).toBe(await x.sum().item());
  });
