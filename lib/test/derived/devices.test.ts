import { describe, it } from "vitest";
import { vjp } from "../../src/gradient/grad.ts";
import { apply } from "../../src/operations/define.ts";
import { tensor } from "../../src/tensor/create.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { close } from "./close.ts";
import { cases } from "./samples.ts";

describe.each(["float32", "float64", "int32", "bool"] as const)("the cpu device against the reference, %s", (dtype) => {
  // Integers and truth values are computed with in float32 where a float comes out.
  const tolerance = dtype === "float64" ? 1e-12 : 2e-6;

  const whole = dtype === "int32" || dtype === "bool";

  it.each(cases.filter(({ fractions }) => !(whole && fractions)))("$title", async ({ operation, options, inputs }) => {
    const fast = inputs("cpu", dtype);
    const slow = inputs("plain", dtype);
    await close(apply(operation, fast, options), apply(operation, slow, options), tolerance);
    if (whole || operation.pullback === null || operation.kind === "bool" || operation.kind === "int32") return;
    for (let i = 0; i < fast.length; i++) {
      if (fast[i]!.dtype !== dtype) continue;
      const back = async (points: Tensor[]) => {
        const { value, pullBack } = vjp((x) => apply(operation, points.with(i, x), options), points[i]!);
        const g = Float64Array.from({ length: value.size }, (_, k) => Math.sin(k + 1));
        return pullBack(tensor(g, { shape: value.shape, dtype, device: value.device }));
      };
      await close(await back(fast), await back(slow), 10 * tolerance);
    }
  });
});
