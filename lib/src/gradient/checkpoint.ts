import type { Tensor } from "../tensor/tensor.ts";
import { ownPullback } from "./custom.ts";
import { variablesOn } from "./grad.ts";
import { type AsThen, asNow } from "./repeat.ts";
import { Tape } from "./tape.ts";
import { type HasVariables, type Variable, variables } from "./tree.ts";

/**
 * `f` that stores nothing between its arguments and its result for the way back, but computes it again then: less
 * memory for more time (Chen et al. 2016, arXiv 1604.06174). Random layers draw the same numbers both times, and buffers
 * such as running means are updated once. Derivatives are those of the arguments and, if it is named, of `model`, whose
 * parameters `f` may use; throws an `ArgumentError` when `f` uses another tensor that is being followed.
 *
 * @example
 * ```ts
 * import { checkpoint, nn, random } from "gradbook";
 *
 * const block = nn.init(new nn.Sequential([new nn.Linear(4, 4), new nn.Dropout(0.5)]), { seed: 1 });
 * const thrifty = checkpoint((x) => block.forward(x), block);
 * thrifty(random.seed(1).normal([2, 4])).shape; // [2, 4]
 * ```
 */
export function checkpoint<Inputs extends readonly Tensor[]>(
  f: (...inputs: Inputs) => Tensor,
  model?: HasVariables,
): (...inputs: Inputs) => Tensor {
  return (...inputs) => {
    const then = asNow();
    const places = model?.[variables]() ?? [];
    const whole = (...all: readonly Tensor[]) =>
      holding(places, all.slice(inputs.length), () => f(...(all.slice(0, inputs.length) as unknown as Inputs)));
    return ownPullback("checkpoint", whole, (cotangent, given) => again(whole, cotangent, given, then), [
      ...inputs,
      ...places.map((place) => place.get()),
    ]);
  };
}

/** Runs `body` with other values in the places of a model. */
function holding<T>(places: readonly Variable[], values: readonly Tensor[], body: () => T): T {
  const before = places.map((place) => place.get());
  const put = (all: readonly Tensor[]) => {
    for (const [i, place] of places.entries()) place.set(all[i]!);
  };
  put(values);
  try {
    return body();
  } finally {
    put(before);
  }
}

function again(
  f: (...inputs: readonly Tensor[]) => Tensor,
  cotangent: Tensor,
  inputs: readonly Tensor[],
  then: AsThen,
): (Tensor | null)[] {
  const tape = new Tape();
  try {
    const fractions = inputs.filter((x) => x.dtype !== "int32" && x.dtype !== "bool");
    const followed = variablesOn(
      tape,
      fractions.map((tensor, i) => ({ path: `argument ${i}`, tensor })),
      "checkpoint",
    );
    const given = inputs.map((x) => followed[fractions.indexOf(x)] ?? x);
    const value = tape.watch(() => then(() => f(...given)));
    // A tensor given twice gets its cotangent once.
    const cotangents = tape.pullBack(value, cotangent, followed);
    return inputs.map((x, i) => (inputs.indexOf(x) === i ? (cotangents[fractions.indexOf(x)] ?? null) : null));
  } finally {
    tape.clear();
  }
}
