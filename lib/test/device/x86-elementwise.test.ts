import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as jit from "../../src/device/cpu/jit/index.ts";
import { map } from "../../src/device/cpu/loops/map.ts";
import type { Expression } from "../../src/device/device.ts";
import { viewOf } from "./jit-views.ts";

const size = (most: number) => fc.integer({ min: 1, max: most });

describe("elementwise in machine code", () => {
  it("reads transposed and permuted views, whole or not", () => {
    const add: Expression = {
      ...{ kind: "apply", scalar: "add", dtype: "float32" },
      to: [0, 1].map((index): Expression => ({ kind: "input", index, dtype: "float32" })),
    };
    const copy: Expression = { kind: "input", index: 0, dtype: "float32" };
    const shapes = fc.tuple(size(3), fc.integer({ min: 1, max: 45 }), fc.integer({ min: 1, max: 45 }));
    const pairs = shapes.chain((shape) => fc.tuple(fc.constant(shape), viewOf(shape), viewOf(shape)));
    fc.assert(
      fc.property(pairs, ([shape, a, b]) => {
        for (const [expression, views] of [
          [add, [a, b]],
          [copy, [a]],
        ] as const) {
          const fast = jit.map(expression, views, shape, "float32");
          if (fast !== undefined) expect(fast).toEqual(map(expression, views, shape, "float32"));
        }
        const turned = { ...a, shape: a.shape.toReversed(), strides: a.strides.toReversed() };
        const fast = jit.map(copy, [turned], turned.shape, "float32");
        if (fast !== undefined) expect(fast).toEqual(map(copy, [turned], turned.shape, "float32"));
      }),
      { numRuns: 600 },
    );
  });
});
