import fc from "fast-check";
import { expect, it } from "vitest";
import { valuesOf, wrap } from "../../src/device/cpu/buffer.ts";
import { reduce } from "../../src/device/cpu/loops/reduce.ts";
import { plain } from "../../src/device/cpu/plain/plain.ts";
import type { Reduction, View } from "../../src/device/device.ts";

const special = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** -149, -(2 ** -149), 1, -1];

/** Floats of all magnitudes, with many equal ones, zeros of both signs, infinities, and NaN of both signs. */
const floats = (length: number) =>
  fc
    .array(fc.oneof(fc.constantFrom(...special), fc.float(), fc.constant("negative NaN" as const)), {
      minLength: length,
      maxLength: length,
    })
    .map((list) => {
      const values = new Float32Array(list.map((value) => (typeof value === "number" ? value : Number.NaN)));
      const bits = new Int32Array(values.buffer);
      list.forEach((value, i) => {
        if (typeof value === "string") bits[i] = -0x00400000;
      });
      return values;
    });

const cases = fc
  .record({ rows: fc.integer({ min: 1, max: 9 }), columns: fc.integer({ min: 1, max: 16 }) })
  .chain((size) =>
    fc.record({
      ...{ rows: fc.constant(size.rows), columns: fc.constant(size.columns) },
      values: floats(size.rows * size.columns),
      turned: fc.boolean(),
    }),
  );

it.each(["max", "min", "argmax", "argmin"] as const satisfies Reduction[])(
  "%s of few float32 is that of a plain loop, to the bit but for the bits of a NaN",
  (by) => {
    const dtype = by.startsWith("arg") ? "int32" : "float32";
    fc.assert(
      fc.property(cases, ({ rows, columns, values, turned }) => {
        const x: View = {
          buffer: wrap(values, "float32"),
          shape: [rows, columns],
          strides: turned ? [1, rows] : [columns, 1],
          offset: 0,
        };
        const expected = valuesOf(plain.reduce(by, x, [1], dtype));
        expect([...reduce(by, x, [1], dtype)]).toEqual([...expected]);
      }),
      { seed: 12, numRuns: 2000 },
    );
  },
);

it("the extremes of windows of many sizes, inside a larger array", () => {
  const values = Float32Array.from({ length: 400 }, (_, i) => Math.sin(i * i));
  for (const [height, width] of [
    [1, 2],
    [2, 2],
    [3, 3],
    [4, 4],
    [2, 8],
    [5, 4],
  ] as const)
    for (const by of ["max", "argmin"] as const) {
      const x: View = {
        buffer: wrap(values, "float32"),
        shape: [6, 5, height, width],
        strides: [40, 2, 20, 1],
        offset: 7,
      };
      const dtype = by === "max" ? "float32" : "int32";
      const expected = valuesOf(plain.reduce(by, x, [2, 3], dtype));
      expect([...reduce(by, x, [2, 3], dtype)]).toEqual([...expected]);
    }
});
