import { describe, it } from "vitest";
import { grad, vjp } from "../../../src/gradient/grad.ts";
import { vmap } from "../../../src/gradient/vmap.ts";
import { apply } from "../../../src/operations/define.ts";
import { stack } from "../../../src/operations/joining.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { scope } from "../../../src/tensor/scope.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { close } from "../../derived/close.ts";
import { cases } from "../../derived/samples.ts";
import { gpu } from "./adapter.ts";

const small = cases.filter(({ large }) => !large);
const weights = (y: Tensor, phase: number) =>
  tensor(
    Float32Array.from({ length: y.size }, (_, i) => Math.cos(2 * i + phase)),
    { shape: y.shape, device: y.device },
  );

// What the derived checks ask of every operation in double precision, as far as it means something in single.
describe.skipIf(gpu === null)("every operation on the gpu device", { timeout: 60_000 }, () => {
  it.each(small)("has second derivatives, is mapped over examples and stays in scopes: $title", async (each) => {
    const { operation, options, inputs } = each;
    const [fast, slow] = [inputs("gpu", "float32"), inputs("plain", "float32")];
    const f = (args: readonly Tensor[]) => apply(operation, args, options);
    // Scopes: the very values of outside.
    await close(
      scope(() => f(fast)),
      f(fast),
      0,
    );
    if (fast.length === 0) return;
    // Examples: those of one after the other.
    const both = fast.map((x) => stack([x, x.reshape([x.size]).roll({ shift: 2 }).reshape(x.shape)]));
    const one = (e: number) => f(both.map((x) => x.at(e)));
    await close(vmap((...args: Tensor[]) => f(args))(...both), stack([one(0), one(1)]), 1e-4);
    // Second derivatives: those of the reference.
    if (operation.pullback === null || operation.kind === "bool" || operation.kind === "int32") return;
    const second = (points: readonly Tensor[], i: number) =>
      grad((x: Tensor) => {
        const { value, pullBack } = vjp((y) => f(points.with(i, y)), x);
        const back = pullBack(weights(value, 1));
        return back.mul(weights(back, 3)).sum();
      })(points[i]!);
    for (const [i, x] of fast.entries()) if (x.dtype === "float32") await close(second(fast, i), second(slow, i), 1e-3);
  });
});
