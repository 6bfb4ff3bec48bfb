import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wrap } from "../../src/device/cpu/buffer.ts";
import { pool, spread as spreadIn } from "../../src/device/cpu/jit/pooling.ts";
import { spread } from "../../src/device/cpu/loops/move.ts";
import { reduce } from "../../src/device/cpu/loops/reduce.ts";
import type { DType, View } from "../../src/device/device.ts";
import { engines } from "./jit-views.ts";

const value = fc.constantFrom(0, -0, Number.NaN, 1, -1, 2, Infinity, -Infinity, 0.5, -0.25);
const size = (most: number) => fc.integer({ min: 1, max: most });

describe.each(engines)("windows of 2 × 2: %s", (_name, scratch) => {
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
          const list = pool(by, windows, [4, 5], scratch());
          expect(list!.findIndex((y, i) => !Object.is(y, expected[i]))).toBe(-1);
          return expected;
        };
        folded("max", "float32");
        const places = folded("argmax", "int32") as Int32Array;
        if (height % 2 > 0 || width % 2 > 0) return;
        const updates = Float32Array.from(places, (_, i) => values[i % values.length]!);
        const to = [batch, channels, height, width];
        const expected = spread("float32", updates, places, windows, to);
        const pixels = spreadIn(updates, places, windows, to, scratch());
        expect(pixels!.findIndex((y, i) => !Object.is(y, expected[i]))).toBe(-1);
      }),
      { numRuns: 400 },
    );
  });
});
