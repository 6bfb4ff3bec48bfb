import { describe, it } from "vitest";
import { vjp } from "../../../src/gradient/grad.ts";
import { apply } from "../../../src/operations/define.ts";
import { tensor } from "../../../src/tensor/create.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { close } from "../../derived/close.ts";
import { cases } from "../../derived/samples.ts";
import { gpu } from "./adapter.ts";

const tolerance = 1e-4;

describe.skipIf(gpu === null).each(["float32", "int32", "bool"] as const)(
  "the gpu device against the reference, %s",
  (dtype) => {
    const whole = dtype === "int32" || dtype === "bool";

    const fitting = cases.filter(({ operation, fractions }) => {
      if (whole && fractions) return false;
      // The factors of a matrix of ones are not the only ones; nor is the sign of vectors with two largest entries.
      const many = dtype === "bool" ? ["eigh", "qr", "svd"] : dtype === "int32" ? ["svd"] : [];
      return !many.includes(operation.name);
    });

    it.each(fitting)("$title", async ({ operation, options, inputs }) => {
      const fast = inputs("gpu", dtype);
      const slow = inputs("plain", dtype);
      await close(apply(operation, fast, options), apply(operation, slow, options), tolerance);
      if (whole || operation.pullback === null || operation.kind === "bool" || operation.kind === "int32") return;
      for (let i = 0; i < fast.length; i++) {
        if (fast[i]!.dtype !== dtype) continue;
        const back = async (points: Tensor[]) => {
          const { value, pullBack } = vjp((x) => apply(operation, points.with(i, x), options), points[i]!);
          const g = Float32Array.from({ length: value.size }, (_, k) => Math.sin(k + 1));
          return pullBack(tensor(g, { shape: value.shape, dtype, device: value.device }));
        };
        await close(await back(fast), await back(slow), tolerance);
      }
    });
  },
);
