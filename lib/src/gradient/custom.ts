import { apply } from "../operations/define.ts";
import type { AnyOperation } from "../operations/record.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { activeRecorders, activeWriters, type Recorder, withRecorders } from "../tensor/recording.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Mark, Tensor } from "../tensor/tensor.ts";
import { alias } from "./tape.ts";

/** The cotangent of each input, `null` for one without; written in operations, so that it has derivatives itself. */
export type CustomPullback<Inputs extends readonly Tensor[]> = (
  cotangent: Tensor,
  inputs: Inputs,
  output: Tensor,
) => { readonly [I in keyof Inputs]: Tensor | null };

/**
 * `f` with a derivative of your own: forwards it is `f`, backwards `pullback`. Only the arguments have derivatives:
 * throws an `ArgumentError` when `f` uses another tensor that is being followed, whose derivative would be lost.
 *
 * @example
 * ```ts
 * import { customPullback, grad, tensor } from "gradbook";
 *
 * // Gradient reversal (Ganin and Lempitsky 2015): the same values, the opposite gradient.
 * const reversed = customPullback((x) => x, (cotangent) => [cotangent.neg()]);
 * await grad((x) => reversed(x).sum())(tensor([1, 2])).toArray(); // [-1, -1]
 * ```
 */
export function customPullback<Inputs extends readonly Tensor[]>(
  f: (...inputs: Inputs) => Tensor,
  pullback: CustomPullback<Inputs>,
): (...inputs: Inputs) => Tensor {
  return (...inputs) => ownPullback("customPullback", f, pullback, inputs);
}

/** One call of a function with a derivative of its own; `who` speaks in messages. */
export function ownPullback<Inputs extends readonly Tensor[]>(
  who: string,
  f: (...inputs: Inputs) => Tensor,
  pullback: CustomPullback<Inputs>,
  inputs: Inputs,
): Tensor {
  const output = withRecorders([...activeWriters(), guard(who, inputs, activeRecorders())], () => f(...inputs));
  const record = {
    name: who,
    inputs: inputs.map((_, i) => `argument ${i}`),
    shape: () => output.shape,
    // Under a new identity, since `f` may return what it was given.
    compose: () => alias(output),
    pullback: (cotangent: Tensor, given: Inputs, result: Tensor) =>
      checked(who, pullback(cotangent, given, result), given),
    samples: [],
  };
  return apply(record as unknown as AnyOperation, inputs, undefined);
}

/** Refuses tensors that the tapes around follow and that are no arguments. */
function guard(who: string, inputs: readonly Tensor[], tapes: readonly Recorder[]): Recorder {
  const lost = (x: Tensor): boolean => {
    if (inputs.includes(x)) return false;
    for (let mark: Mark | null = x.marks; mark !== null; mark = mark.next) {
      if (tapes.includes(mark.recorder as Recorder)) return true;
    }
    return false;
  };
  return {
    record(_operation, used) {
      const one = used.find(lost);
      if (one === undefined) return;
      throw new ArgumentError(
        who,
        `the function uses a tensor of shape ${showShape(one.shape)} from outside, whose derivative would be lost. Make it an argument${who === "checkpoint" ? ", or name the model it belongs to: checkpoint(f, model)" : ""}.`,
      );
    },
  };
}

function checked(who: string, cotangents: readonly (Tensor | null)[], inputs: readonly Tensor[]) {
  if (cotangents.length !== inputs.length) {
    throw new ArgumentError(
      who,
      `the pullback returned ${cotangents.length} cotangents, expected one for each of ${inputs.length} arguments.`,
    );
  }
  for (const [i, cotangent] of cotangents.entries()) {
    const { shape } = inputs[i]!;
    if (cotangent !== null && showShape(cotangent.shape) !== showShape(shape)) {
      throw new ShapeError(
        who,
        `the pullback returned ${showShape(cotangent.shape)} for argument ${i}, expected ${showShape(shape)}.`,
        [cotangent.shape, shape],
      );
    }
  }
  return cotangents;
}

/**
 * Forwards `f`, backwards the identity: the straight-through estimator (Hinton 2012; Bengio, Léonard, Courville 2013),
 * for units that round or take signs. `f` keeps the shape.
 *
 * @example
 * ```ts
 * import { grad, straightThrough, tensor } from "gradbook";
 *
 * const binary = straightThrough((x) => x.sign());
 * await binary(tensor([-0.3, 2])).toArray(); // [-1, 1]
 * await grad((x) => binary(x).mul(3).sum())(tensor([-0.3, 2])).toArray(); // [3, 3]
 * ```
 */
export function straightThrough(f: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  return (x) => ownPullback("straightThrough", f, (cotangent) => [cotangent], [x]);
}

/** The same values as a constant: no derivative goes through. */
export function stopGradient<T extends Tensor>(x: T): T {
  return withRecorders(activeWriters(), () => alias(x));
}
