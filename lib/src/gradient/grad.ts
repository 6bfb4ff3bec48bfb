import { full } from "../tensor/create.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { held, requireLive } from "../tensor/ownership.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import { Tensor } from "../tensor/tensor.ts";
import { alias, Tape } from "./tape.ts";
import {
  type Fractional,
  type Gradient,
  type Gradients,
  type HasVariables,
  hasVariables,
  leavesOf,
  variables,
  withLeaves,
} from "./tree.ts";

/** Refuses what has no derivative and follows the rest. */
export function variablesOn(
  tape: Tape,
  tensors: readonly { readonly path: string; readonly tensor: Tensor }[],
  who = "grad",
): Tensor[] {
  return tensors.map(({ path, tensor }) => {
    requireLive(who, tensor);
    if (tensor.dtype === "int32" || tensor.dtype === "bool") {
      const which = path === "" ? "the point" : path;
      throw new DTypeError(who, `${which} is ${tensor.dtype}, which has no derivative. Cast it: x.cast("float32").`);
    }
    const variable = alias(tensor);
    tape.follow(variable);
    return variable;
  });
}

/** The value of a function that has to return one number, or why it has none. */
export function scalarOf(output: unknown, who = "grad"): Tensor {
  if (!(output instanceof Tensor)) {
    const what = output instanceof Promise ? "a promise" : output === undefined ? "nothing" : `a ${typeof output}`;
    const hint =
      output instanceof Promise ? " Derivatives follow operations, which do not wait: leave out async and await." : "";
    throw new ArgumentError(who, `the function returned ${what}, expected a tensor.${hint}`);
  }
  if (output.size !== 1) {
    throw new ShapeError(
      who,
      `the function returned ${showShape(output.shape)}, expected one number. Sum or average it: y.mean().`,
      [output.shape],
    );
  }
  return output;
}

/** The cotangent of the value itself: one. */
export function seedOf(output: Tensor): Tensor {
  return full(output.shape, 1, { dtype: output.dtype, device: output.device });
}

/**
 * The value of `f` and its derivative at a tensor, a tree of tensors, or a model (then by the paths of its parameters).
 * `f` returns one number. Derivatives of derivatives of any order come from nesting.
 */
export function valueAndGrad<M extends HasVariables>(
  at: M,
  f: (at: M) => Tensor,
): { readonly value: Tensor; readonly gradient: Gradients };
export function valueAndGrad<At>(
  at: Fractional<At>,
  f: (at: At) => Tensor,
): { readonly value: Tensor; readonly gradient: Gradient<At> };
export function valueAndGrad<At>(
  at: At,
  f: (at: At) => Tensor,
): { readonly value: Tensor; readonly gradient: unknown } {
  const tape = new Tape();
  try {
    const { value, inputs, shaped } = followed(tape, at, (point) => scalarOf(f(point)), "grad");
    return { value, gradient: shaped(tape.pullBack(value, seedOf(value), inputs)) };
  } finally {
    tape.clear();
  }
}

/** What a function gave of variables in the place of tensors, and what brings their derivatives into the form of these. */
interface Followed {
  readonly value: Tensor;
  readonly inputs: readonly Tensor[];
  readonly shaped: (gradients: readonly Tensor[]) => unknown;
}

function followed<At>(tape: Tape, at: At, f: (at: At) => Tensor, who: string): Followed {
  if (hasVariables(at)) return inModel(tape, at, f as unknown as (at: HasVariables) => Tensor, who);
  const inputs = variablesOn(tape, leavesOf(at, "", who), who);
  const value = tape.watch(() => f(withLeaves(at, inputs.values())));
  return { value, inputs, shaped: (gradients) => withLeaves(at, gradients.values()) };
}

function inModel(tape: Tape, model: HasVariables, f: (model: HasVariables) => Tensor, who: string): Followed {
  const places = model[variables]();
  const before = places.map((place) => place.get());
  // A shared parameter is one variable, whatever the number of places that hold it.
  const shared = [...new Set(before)];
  const inputs = variablesOn(
    tape,
    shared.map((tensor) => ({ path: places[before.indexOf(tensor)]!.path, tensor })),
    who,
  );
  let value: Tensor;
  try {
    places.forEach((place, i) => {
      place.set(inputs[shared.indexOf(before[i]!)]!);
    });
    value = tape.watch(() => f(model));
  } finally {
    places.forEach((place, i) => {
      place.set(before[i]!);
    });
  }
  if (!tape.follows(value)) {
    const name = model.constructor.name;
    throw new ArgumentError(
      who,
      `no parameter of ${name} has an influence on the value. A metric such as accuracy has no derivative; use a loss.`,
    );
  }
  const paths = shared.map((tensor) => places[before.indexOf(tensor)]!.path);
  return { value, inputs, shaped: (gradients) => new Map(paths.map((path, i) => [path, gradients[i]!])) };
}

/** The function that gives the derivative of `f` with respect to its first argument. */
export function grad<At = Tensor, Rest extends readonly unknown[] = []>(
  f: (at: At, ...rest: Rest) => Tensor,
): <X extends At>(at: Fractional<X>, ...rest: Rest) => Gradient<At> {
  return (at, ...rest) => valueAndGrad<At>(at as unknown as Fractional<At>, (x) => f(x, ...rest)).gradient;
}

function requireLike(who: string, what: string, given: Tensor, other: string, model: Tensor): void {
  if (sameShape(given.shape, model.shape)) return;
  const text = `${what} is ${showShape(given.shape)}, ${other} ${showShape(model.shape)}; expected the same shape.`;
  throw new ShapeError(who, text, [given.shape, model.shape]);
}

/**
 * The value of `f` at a tensor, a tree of tensors or a model, of any shape, and the function that carries cotangents of the
 * value back: to a tensor, a tree like the given one, or by the paths of the model's parameters.
 */
export function vjp<X extends Tensor>(
  f: (x: Tensor) => Tensor,
  x: Fractional<X>,
): { readonly value: Tensor; readonly pullBack: (cotangent: Tensor) => Tensor };
export function vjp<At>(
  f: (at: At) => Tensor,
  at: Fractional<At>,
): { readonly value: Tensor; readonly pullBack: (cotangent: Tensor) => Gradient<At> };
export function vjp<At>(
  f: (at: At) => Tensor,
  at: At,
): { readonly value: Tensor; readonly pullBack: (cotangent: Tensor) => unknown } {
  const tape = new Tape();
  const { value, inputs, shaped } = followed(tape, at, f, "vjp");
  const pullBack = (cotangent: Tensor) => {
    requireLike("vjp", "the cotangent", cotangent, "the value", value);
    return shaped(tape.pullBack(value, cotangent, inputs));
  };
  // So that a scope that returns it keeps what it needs.
  return { value, pullBack: Object.assign(pullBack, { [held]: () => tape }) };
}

/** The value of `f` at `x` and its derivative in the direction `tangent`: the pullback of the pullback, which is linear. */
export function jvp<X extends Tensor>(
  f: (x: Tensor) => Tensor,
  x: Fractional<X>,
  tangent: Tensor,
): { readonly value: Tensor; readonly tangent: Tensor } {
  requireLike("jvp", "the tangent", tangent, "the point", x as Tensor);
  const outer = new Tape();
  const inner = new Tape();
  const [input] = variablesOn(inner, [{ path: "", tensor: x as Tensor }], "jvp");
  const value = inner.watch(() => f(input!));
  // The cotangent enters linearly, so its value does not matter.
  const probe = full(value.shape, 0, { dtype: value.dtype, device: value.device });
  outer.follow(probe);
  const pulled = outer.watch(() => inner.pullBack(value, probe, [input!])[0]!);
  return { value, tangent: outer.pullBack(pulled, tangent, [probe])[0]! };
}
