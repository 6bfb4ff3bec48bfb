import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { engine } from "../../src/device/cpu/jit/engine.ts";
import * as jit from "../../src/device/cpu/jit/index.ts";
import { pad } from "../../src/device/cpu/loops/move.ts";
import type { View } from "../../src/device/device.ts";
import { viewOf } from "./jit-views.ts";

const hasMachineCode = engine()?.x86 != null;
const required = process.env.GRADBOOK_REQUIRE === "all";

/** Parts of an array of one to five axes, some of which overlap or leave gaps. */
const cases = fc
  .array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })
  .map((shape) => {
    // Large enough to be done in machine code.
    const size = shape.reduce((a, b) => a * b, 1);
    return size >= 1024 ? shape : [...shape.slice(1), shape[0]! * Math.ceil(1024 / size)];
  })
  .filter((shape) => shape.reduce((a, b) => a * b, 1) < 20_000)
  .chain((shape) => {
    const part = fc
      .tuple(
        ...shape.map((n) => fc.tuple(fc.nat(n - 1), fc.nat(n)).map(([at, length]) => [at, Math.min(length, n - at)])),
      )
      .chain((axes) =>
        fc.record({ at: fc.constant(axes.map(([at]) => at!)), view: viewOf(axes.map(([, length]) => length!)) }),
      );
    return fc.record({
      shape: fc.constant(shape),
      parts: fc.array(part, { minLength: 1, maxLength: 4 }),
      fill: fc.constantFrom(0, 1.5),
    });
  });

describe.skipIf(!hasMachineCode && !required)("joining in machine code", () => {
  it("puts parts of any strides where the loops put them", () => {
    fc.assert(
      fc.property(cases, ({ shape, parts, fill }) => {
        expect(jit.pad(parts, shape, fill)).toEqual(pad(parts, shape, fill));
      }),
      { numRuns: 600 },
    );
  });

  it("puts parts that cover all side by side", () => {
    const joined = fc
      .record({
        before: fc.integer({ min: 1, max: 20 }),
        widths: fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }),
        after: fc.integer({ min: 1, max: 20 }),
      })
      .filter(({ before, widths, after }) => before * after * widths.reduce((a, b) => a + b, 0) >= 1024)
      .chain(({ before, widths, after }) =>
        fc.tuple(...widths.map((width) => viewOf([before, width, after]))).map((views: View[]) => {
          let at = 0;
          const parts = views.map((view) => {
            at += view.shape[1]!;
            return { view, at: [0, at - view.shape[1]!, 0] };
          });
          return { parts, shape: [before, at, after] };
        }),
      );
    fc.assert(
      fc.property(joined, ({ parts, shape }) => {
        expect(jit.pad(parts, shape, 0)).toEqual(pad(parts, shape, 0));
      }),
      { numRuns: 300 },
    );
  });
});
