import { describe, expect, it } from "vitest";
import { vjp } from "../../src/gradient/grad.ts";
import { vmap } from "../../src/gradient/vmap.ts";
import { apply } from "../../src/operations/define.ts";
import { stack } from "../../src/operations/joining.ts";
import { tensor } from "../../src/tensor/create.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { cases } from "./samples.ts";

const examples = 3;

async function expectEqual(got: Tensor, expected: Tensor): Promise<void> {
  expect(got.shape).toEqual(expected.shape);
  expect(got.dtype).toBe(expected.dtype);
  const [a, b] = [await got.data(), await expected.data()];
  a.forEach((value, i) => {
    if (!Number.isNaN(b[i]!)) expect(Math.abs(value - b[i]!)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(b[i]!)));
  });
}

/** The sample's values, and the same in other orders. */
function variants(x: Tensor): Tensor[] {
  const flat = x.reshape([x.size]);
  return Array.from({ length: examples }, (_, e) => flat.roll({ shift: 2 * e }).reshape(x.shape));
}

function cotangentOf(y: Tensor): Tensor {
  const values = Float64Array.from({ length: y.size }, (_, i) => Math.cos(2 * i + 1));
  return tensor(values, { shape: y.shape, device: y.device });
}

/** Each input alone as examples, and all of them. */
function choices(count: number): boolean[][] {
  const one = Array.from({ length: count }, (_, i) => Array.from({ length: count }, (_, k) => k === i));
  return count > 1 ? [...one, one.map(() => true)] : one;
}

describe("vmap of every operation agrees with one example after the other", () => {
  it.each(cases.filter(({ large }) => !large))("$title", async ({ operation, options, inputs }) => {
    const shared = inputs("cpu", "float64");
    const f = (...args: Tensor[]) => apply(operation, args, options);
    const differentiable =
      operation.pullback !== null && operation.kind !== "bool" && operation.kind !== "int32" && shared.length > 0;
    for (const batched of choices(shared.length)) {
      const each = shared.map((x, i) => (batched[i] ? variants(x) : Array<Tensor>(examples).fill(x)));
      const args = each.map((list, i) => (batched[i] ? stack(list) : list[0]!));
      const mapped = vmap(f, { axes: batched.map((one) => (one ? 0 : null)) });
      const one = (e: number, at = -1, value?: Tensor) => f(...each.map((list, i) => (i === at ? value! : list[e]!)));
      await expectEqual(mapped(...args), stack(Array.from({ length: examples }, (_, e) => one(e))));
      if (!differentiable) continue;
      for (const [i, x] of shared.entries()) {
        if (x.dtype !== "float64") continue;
        const g = cotangentOf(one(0));
        const back = (e: number) => vjp((y) => one(e, i, y), each[i]![e]!).pullBack(g);
        const expected = stack(Array.from({ length: examples }, (_, e) => back(e)));
        // The derivative of each example, inside.
        const inner = vmap((...list: Tensor[]) => vjp((y) => f(...list.with(i, y)), list[i]!).pullBack(g), {
          axes: batched.map((one) => (one ? 0 : null)),
        });
        await expectEqual(inner(...args), expected);
        // The derivative of all examples, outside.
        const { value, pullBack } = vjp((y) => mapped(...args.with(i, y)), args[i]!);
        const outer = pullBack(g.expandDims(0).broadcastTo(value.shape));
        await expectEqual(outer, batched[i] ? expected : expected.sum({ axis: 0 }));
      }
    }
  });
});
