import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wrap } from "../../src/device/cpu/buffer.ts";
import { engine } from "../../src/device/cpu/jit/engine.ts";
import * as jit from "../../src/device/cpu/jit/index.ts";
import { map } from "../../src/device/cpu/loops/map.ts";
import { spread } from "../../src/device/cpu/loops/move.ts";
import { reduce } from "../../src/device/cpu/loops/reduce.ts";
import type { DType, Expression, View } from "../../src/device/device.ts";
import { viewOf } from "./jit-views.ts";

const hasMachineCode = engine()?.x86 != null;
const required = process.env.GRADBOOK_REQUIRE === "all";
const value = fc.constantFrom(0, -0, Number.NaN, 1, -1, 2, Infinity, -Infinity, 0.5, -0.25);
const size = (most: number) => fc.integer({ min: 1, max: most });

describe.skipIf(!hasMachineCode && !required)("windows of 2 × 2 in machine code", () => {
  it("have the largest, its place and what is put there as the loops have it", () => {
    const cases = fc.record({
      ...{
        batch: size(3),
        channels: size(3),
        height: fc.integer({ min: 2, max: 19 }),
        width: fc.integer({ min: 2, max: 45 }),
      },
      ...{ values: fc.array(value, { minLength: 37, maxLength: 37 }), offset: fc.nat(5) },
    });
    fc.assert(
      fc.property(cases, ({ batch, channels, height, width, values, offset }) => {
        const length = batch * channels * height * width + offset;
        const x = Float32Array.from({ length }, (_, i) => values[(i * 7 + (i >> 4)) % values.length]!);
        const shape = [batch, channels, height >> 1, width >> 1, 2, 2];
        const strides = [channels * height * width, height * width, 2 * width, 2, width, 1];
        const windows: View = { buffer: wrap(x, "float32"), shape, strides, offset };
        const folded = (by: "max" | "argmax", dtype: DType) => {
          const expected = reduce(by, windows, [4, 5], dtype);
          const list = jit.reduce(by, windows, [4, 5], dtype);
          expect(list?.findIndex((y, i) => !Object.is(y, expected[i]))).toBe(-1);
          return expected;
        };
        folded("max", "float32");
        const places = folded("argmax", "int32") as Int32Array;
        if (height % 2 > 0 || width % 2 > 0) return;
        const updates = Float32Array.from(places, (_, i) => values[i % values.length]!);
        const to = [batch, channels, height, width];
        const expected = spread(updates, places, windows, to);
        const pixels = jit.spread(updates, places, windows, to);
        expect(pixels?.findIndex((y, i) => !Object.is(y, expected[i]))).toBe(-1);
      }),
      { numRuns: 400 },
    );
  });
});

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
