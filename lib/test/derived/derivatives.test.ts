import { describe, expect, it } from "vitest";
import { checkGradient, checkSecond } from "../../src/gradient/check.ts";
import { jvp } from "../../src/gradient/grad.ts";
import { apply } from "../../src/operations/define.ts";
import { tensor } from "../../src/tensor/create.ts";
import { cases } from "./samples.ts";

const differentiable = cases.filter(
  ({ operation, large }) =>
    !large && operation.pullback !== null && operation.kind !== "bool" && operation.kind !== "int32",
);

describe("derivatives of every operation, in float64 on the reference device", () => {
  describe.each(differentiable)("$title", ({ operation, options, inputs }) => {
    const points = inputs("plain", "float64");
    const floats = points.flatMap((point, i) => (point.dtype === "float64" ? [i] : []));
    const of = (i: number) => (x: (typeof points)[number]) => apply(operation, points.with(i, x), options);

    it.each(floats)("gradient with respect to input %i agrees with finite differences", async (i) => {
      await checkGradient(of(i), points[i]!);
    });

    it.each(floats)("second derivative with respect to input %i agrees with finite differences", async (i) => {
      await checkSecond(of(i), points[i]!);
    });

    it.each(floats)("jvp with respect to input %i agrees with a finite step", async (i) => {
      const x = points[i]!;
      const values = (await x.data()) as Float64Array;
      const direction = Float64Array.from(values, (_, k) => Math.cos(3 * k + 1));
      const along = (t: number) =>
        tensor(
          Float64Array.from(values, (v, k) => v + t * direction[k]!),
          { shape: x.shape, device: x.device },
        );
      const { tangent } = jvp(of(i), x, tensor(direction, { shape: x.shape, device: x.device }));
      const h = 1e-5;
      const up = await of(i)(along(h)).data();
      const down = await of(i)(along(-h)).data();
      const got = await tangent.data();
      got.forEach((value, k) => {
        const expected = (up[k]! - down[k]!) / (2 * h);
        expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(expected)));
      });
    });
  });
});
