import type { Tensor } from "../tensor/tensor.ts";
import { ownPullback } from "./custom.ts";
import { variablesOn } from "./grad.ts";
import { Tape } from "./tape.ts";

/**
 * `f` that stores nothing between its arguments and its result for the way back, but computes it again then: less
 * memory for more time (Chen et al. 2016, arXiv 1604.06174). `f` must give the same values both times. Only the
 * arguments have derivatives; throws an `ArgumentError` when `f` uses another tensor that is being followed.
 */
export function checkpoint<Inputs extends readonly Tensor[]>(
  f: (...inputs: Inputs) => Tensor,
): (...inputs: Inputs) => Tensor {
  return (...inputs) => ownPullback("checkpoint", f, (cotangent, given) => again(f, cotangent, given) as never, inputs);
}

function again<Inputs extends readonly Tensor[]>(
  f: (...inputs: Inputs) => Tensor,
  cotangent: Tensor,
  inputs: Inputs,
): (Tensor | null)[] {
  const tape = new Tape();
  try {
    const fractions = inputs.filter((x) => x.dtype !== "int32" && x.dtype !== "bool");
    const followed = variablesOn(
      tape,
      fractions.map((tensor, i) => ({ path: `argument ${i}`, tensor })),
      "checkpoint",
    );
    const given = inputs.map((x) => followed[fractions.indexOf(x)] ?? x) as unknown as Inputs;
    const value = tape.watch(() => f(...given));
    // A tensor given twice gets its cotangent once.
    const cotangents = tape.pullBack(value, cotangent, followed);
    return inputs.map((x, i) => (inputs.indexOf(x) === i ? (cotangents[fractions.indexOf(x)] ?? null) : null));
  } finally {
    tape.clear();
  }
}
