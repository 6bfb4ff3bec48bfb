import { slice } from "../operations/indexing.ts";
import { stack } from "../operations/joining.ts";
import { squeeze } from "../operations/rearrange.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { stopGradient } from "./custom.ts";
import { leavesOf, withLeaves } from "./tree.ts";

/** One step: from the state before and this step's input, the state after and this step's output. */
export type ScanStep<Carry> = (carry: Carry, x: Tensor) => { readonly carry: Carry; readonly y: Tensor };

/**
 * Goes through the first axis of `xs`, carrying a state (a tensor or a tree of tensors) from step to step, and stacks
 * the outputs. Derivatives go back through all steps, or with `window` only within stretches of that many: between
 * them the state is a constant (backpropagation through time, truncated: Williams and Peng 1990).
 * Throws an `ArgumentError` for no steps or a `window` below 1.
 */
export function scan<Carry>(
  step: ScanStep<Carry>,
  start: Carry,
  { xs, window = Number.POSITIVE_INFINITY }: { readonly xs: Tensor; readonly window?: number },
): { readonly carry: Carry; readonly ys: Tensor } {
  const steps = xs.shape[0] ?? 0;
  if (steps === 0) throw new ArgumentError("scan", "xs has no steps, expected at least one along its first axis.");
  if (!(window >= 1) || (Number.isFinite(window) && !Number.isInteger(window)))
    throw new ArgumentError("scan", `window is ${window}, expected a whole number of steps, at least 1.`);
  let carry = start;
  const ys: Tensor[] = [];
  for (let t = 0; t < steps; t++) {
    if (t > 0 && t % window === 0) {
      const constants = leavesOf(carry, "the state", "scan").map(({ tensor }) => stopGradient(tensor));
      carry = withLeaves(carry, constants.values());
    }
    const after = step(carry, squeeze(slice(xs, { axis: 0, start: t, stop: t + 1 }), 0));
    carry = after.carry;
    ys.push(after.y);
  }
  return { carry, ys: stack(ys) };
}
