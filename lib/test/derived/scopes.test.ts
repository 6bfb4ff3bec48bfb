import { describe, expect, it } from "vitest";
import type { Buffer } from "../../src/device/device.ts";
import { vjp } from "../../src/gradient/grad.ts";
import { apply } from "../../src/operations/define.ts";
import { tensor } from "../../src/tensor/create.ts";
import { scope } from "../../src/tensor/scope.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { counted } from "../tensor/counted.ts";
import { cases } from "./samples.ts";

/** The memory that tensors hold, as far as they have any. */
function heldBy(tensors: readonly Tensor[]): Buffer[] {
  return tensors.flatMap(({ state }) => (state.kind === "stored" ? [state.view.buffer] : []));
}

function cotangentOf(y: Tensor): Tensor {
  const values = Float64Array.from({ length: y.size }, (_, i) => Math.cos(2 * i + 1));
  return tensor(values, { shape: y.shape, device: y.device });
}

describe("every operation, and its way back, gives in a scope what it gives outside", () => {
  it.each(cases.filter(({ large }) => !large))("$title", async ({ operation, options, inputs }) => {
    const differentiable = operation.pullback !== null && operation.kind !== "bool" && operation.kind !== "int32";
    const run = (given: readonly Tensor[]): Tensor[] => {
      const f = (...args: readonly Tensor[]) => apply(operation, args, options);
      const back = given.flatMap((x, i) => {
        if (!differentiable || x.dtype !== "float64") return [];
        const { value, pullBack } = vjp((y) => f(...given.with(i, y)), x);
        return [pullBack(cotangentOf(value))];
      });
      return [f(...given), ...back];
    };
    const values = (tensors: readonly Tensor[]) => Promise.all(tensors.map((x) => x.data()));
    const given = inputs("cpu", "float64");
    const [before, expected] = [await values(given), await values(run(given))];
    await counted(async ({ live }) => {
      const mine = inputs("cpu", "float64");
      const found = scope(() => run(mine));
      const kept = new Set(heldBy([...mine, ...found]));
      const scoped = live();
      for (const buffer of kept) scoped.delete(buffer);
      expect([...scoped]).toEqual([]);
      expect(await values(found)).toEqual(expected);
      // Nothing that the operation remembers was given back.
      expect(await values(scope(() => run(mine)))).toEqual(expected);
      expect(await values(mine)).toEqual(before);
    });
  });
});
