import { describe, expect, it } from "vitest";
import { checkGradient, checkSecond, concat, grad, ones, random, type Tensor } from "../../src/index.ts";

const x = random.seed(4).normal([3, 7]);
const part = (y: Tensor, axis: number, start?: number, stop?: number) =>
  y.slice({ axis, ...(start !== undefined && { start }), ...(stop !== undefined && { stop }) });

/** Ways to take a tensor to pieces; the derivatives of all pieces come together again. */
const ways: readonly [what: string, f: (y: Tensor) => Tensor][] = [
  [
    "side by side",
    (y) =>
      part(y, 1, 0, 3)
        .sin()
        .sum()
        .add(part(y, 1, 3).square().sum()),
  ],
  ["in another order", (y) => concat([part(y, 1, 5), part(y, 1, 0, 5)], 1).tanh()],
  [
    "with gaps",
    (y) =>
      part(y, 1, 1, 2)
        .exp()
        .add(part(y, 1, 4, 5).sin()),
  ],
  [
    "overlapping",
    (y) =>
      part(y, 1, 0, 4)
        .mul(part(y, 1, 2, 6))
        .mul(part(y, 1, 3)),
  ],
  [
    "along two axes",
    (y) =>
      part(y, 0, 1)
        .sum()
        .mul(part(y, 1, -2).sum())
        .add(y.square().sum()),
  ],
  [
    "nested",
    (y) =>
      part(part(y, 1, 1, -1), 1, 1, 3)
        .square()
        .add(part(y, 1, 2, 4)),
  ],
  [
    "empty",
    (y) =>
      part(y, 1, 7)
        .sum()
        .add(part(y, 1, 2, 2).sum())
        .add(part(y, 1, 0, 1).square().sum()),
  ],
  [
    "out of bounds",
    (y) =>
      part(y, 1, -20, 2)
        .exp()
        .add(part(y, 1, 5, 40)),
  ],
];

describe("derivatives of slices", () => {
  it.each(ways)("%s are those of finite differences, and so are the second ones", async (_what, f) => {
    await checkGradient(f, x);
    await checkSecond(f, x, { tolerance: 1e-4 });
  });

  it("count an element as often as it was taken", async () => {
    const f = (y: Tensor) =>
      [0, 1, 2].map((i) => y.slice({ axis: 0, start: i, stop: i + 2 }).sum()).reduce((a, b) => a.add(b));
    expect(await grad(f)(ones([4])).toArray()).toEqual([1, 2, 2, 1]);
  });
});
