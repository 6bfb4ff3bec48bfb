import { add, mul } from "../operations/arithmetic.ts";
import { stack } from "../operations/joining.ts";
import { reshape } from "../operations/rearrange.ts";
import { sum } from "../operations/reduction.ts";
import { full, tensor } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { scalarOf, seedOf, variablesOn } from "./grad.ts";
import { Tape } from "./tape.ts";
import {
  type Gradient,
  type Gradients,
  type HasVariables,
  hasVariables,
  leavesOf,
  variables,
  withLeaves,
} from "./tree.ts";

/** The derivative of every tensor that a function returns with respect to every tensor of the point. */
export type Jacobian<Out, At> = Out extends Tensor ? Gradient<At> : { readonly [K in keyof Out]: Jacobian<Out[K], At> };

/** The second derivatives: for every tensor of the point what its first derivative's derivative looks like. */
export type Hessian<At> = At extends Tensor
  ? Tensor
  : At extends HasVariables
    ? ReadonlyMap<string, Gradients>
    : Jacobian<At, At>;

/** A point taken apart into its different tensors, and put together again. */
interface Opened<At> {
  readonly leaves: readonly { readonly path: string; readonly tensor: Tensor }[];
  run<R>(f: (at: At) => R, tensors: readonly Tensor[]): R;
  close<T>(items: readonly T[]): unknown;
}

function open<At>(who: string, at: At): Opened<At> {
  if (!hasVariables(at)) {
    return {
      leaves: leavesOf(at, "", who),
      run: (f, tensors) => f(withLeaves(at, tensors.values())),
      close: (items) => withLeaves(at as unknown, items.values() as Iterator<never>),
    };
  }
  const places = at[variables]();
  const before = places.map((place) => place.get());
  // A shared parameter is one variable, whatever the number of places that hold it.
  const shared = [...new Set(before)];
  const leaves = shared.map((held) => ({ path: places[before.indexOf(held)]!.path, tensor: held }));
  return {
    leaves,
    run: (f, tensors) => {
      try {
        for (const [i, place] of places.entries()) place.set(tensors[shared.indexOf(before[i]!)]!);
        return f(at);
      } finally {
        for (const [i, place] of places.entries()) place.set(before[i]!);
      }
    },
    close: (items) => new Map(leaves.map(({ path }, i) => [path, items[i]!])),
  };
}

/** The derivatives of one output, one row for each of its numbers, of the shape of the output before that of the source. */
function rowsOf(tape: Tape, output: Tensor, sources: readonly Tensor[]): Tensor[] {
  const { shape, size, dtype, device } = output;
  const rows = Array.from({ length: size }, (_, i) => {
    const basis = Float64Array.from({ length: size }, (_, j) => (i === j ? 1 : 0));
    return tape.pullBack(output, tensor(basis, { shape, dtype, device }), sources);
  });
  return sources.map((source, k) => {
    const whole = [...shape, ...source.shape];
    if (size === 0) return full(whole, 0, { dtype: source.dtype, device: source.device });
    return reshape(stack(rows.map((row) => row[k]!)), whole);
  });
}

/**
 * The function that gives all first derivatives of `f`, which returns a tensor or a tree of tensors. For a tensor of
 * shape `[...out]` and a point of shape `[...in]` they have the shape `[...out, ...in]`; for trees and models there is
 * one such tensor for every pair. It pulls back once for each number that `f` returns.
 */
export function jacobian<At, Out>(f: (at: At) => Out): (at: At) => Jacobian<Out, At> {
  return (at) => {
    const tape = new Tape();
    try {
      const point = open("jacobian", at);
      const inputs = variablesOn(tape, point.leaves, "jacobian");
      const output = tape.watch(() => point.run(f, inputs));
      const rows = leavesOf(output, "the result", "jacobian").map((leaf) =>
        point.close(rowsOf(tape, leaf.tensor, inputs)),
      );
      return withLeaves(output as unknown, rows.values() as Iterator<never>) as Jacobian<Out, At>;
    } finally {
      tape.clear();
    }
  };
}

/** The first derivatives of `f` at `tensors`, recorded by the tapes that watch. */
function gradients<At>(who: string, point: Opened<At>, f: (at: At) => Tensor, tensors: readonly Tensor[]): Tensor[] {
  const tape = new Tape();
  try {
    const inputs = variablesOn(
      tape,
      tensors.map((held, i) => ({ path: point.leaves[i]!.path, tensor: held })),
      who,
    );
    const value = scalarOf(
      tape.watch(() => point.run(f, inputs)),
      who,
    );
    return tape.pullBack(value, seedOf(value), inputs);
  } finally {
    tape.clear();
  }
}

/**
 * The function that gives all second derivatives of `f`, which returns one number: at a tensor of shape `[...in]` a
 * tensor of shape `[...in, ...in]`; at trees and models one for every pair of tensors. It is as large as the square of
 * the number of parameters: `hvp` gives its product with a direction without it.
 */
export function hessian<At>(f: (at: At) => Tensor): (at: At) => Hessian<At> {
  return (at) => {
    const tape = new Tape();
    try {
      const point = open("hessian", at);
      const inputs = variablesOn(tape, point.leaves, "hessian");
      const firsts = tape.watch(() => gradients("hessian", point, f, inputs));
      return point.close(firsts.map((first) => point.close(rowsOf(tape, first, inputs)))) as Hessian<At>;
    } finally {
      tape.clear();
    }
  };
}

/**
 * The Hessian of `f` at a point times a direction, which looks like the gradient there: the derivative of the inner
 * product of gradient and direction (Pearlmutter 1994), at a few times the cost of `f`.
 * Throws a `ShapeError` where the direction has another shape than the point.
 */
export function hvp<At>(f: (at: At) => Tensor, at: At, direction: Gradient<At>): Gradient<At> {
  const tape = new Tape();
  try {
    const point = open("hvp", at);
    const along = directionsOf(point, direction);
    const inputs = variablesOn(tape, point.leaves, "hvp");
    const slope = tape.watch(() =>
      gradients("hvp", point, f, inputs)
        .map((first, i) => sum(mul(first, along[i]!)))
        .reduce((total, part) => add(total, part)),
    );
    return point.close(tape.pullBack(slope, seedOf(slope), inputs)) as Gradient<At>;
  } finally {
    tape.clear();
  }
}

function directionsOf<At>(point: Opened<At>, direction: unknown): Tensor[] {
  const given = new Map<string, Tensor>(
    direction instanceof Map
      ? direction
      : leavesOf(direction, "", "hvp").map((leaf) => [leaf.path, leaf.tensor] as const),
  );
  return point.leaves.map(({ path, tensor: held }) => {
    const along = given.get(path);
    const name = path === "" ? "the direction" : `the direction at ${path}`;
    if (along === undefined)
      throw new ArgumentError("hvp", `${name} is missing, expected a tensor for every one there.`);
    if (showShape(along.shape) !== showShape(held.shape)) {
      throw new ShapeError("hvp", `${name} is ${showShape(along.shape)}, expected ${showShape(held.shape)}.`, [
        along.shape,
        held.shape,
      ]);
    }
    return along;
  });
}
