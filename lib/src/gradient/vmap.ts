import { withRank } from "../operations/batch.ts";
import { apply, batchBy } from "../operations/define.ts";
import type { AnyOperation, Cotangent } from "../operations/record.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { activeRecorders, withRecorders } from "../tensor/recording.ts";
import { exampleOf, type Tensor } from "../tensor/tensor.ts";
import { alias } from "./tape.ts";
import { leavesOf, withLeaves } from "./tree.ts";

/** How many calls of `vmap` lie around. */
let depth = 0;

/** Runs `body` one call of `vmap` deeper; `level` marks the tensors of that call. */
function inside<T>(body: (level: number) => T): T {
  depth++;
  try {
    return body(depth);
  } finally {
    depth--;
  }
}

export interface VmapOptions {
  /** For each argument the axis along which its examples lie (0, if not said); `null` for one that is the same for all. */
  readonly axes?: readonly (number | null)[];
}

/**
 * The function `f` of one example made one of many: each operation runs once for all of them. Arguments and results are
 * tensors or trees of tensors, with the examples along the first axis. `vmap((x, y) => grad(loss)(w, x, y))(xs, ys)`
 * gives the gradient for each example.
 *
 * What `f` draws at random is the same for all examples; it cannot read values (`where` decides instead of `if`).
 * Throws a `ShapeError` where arguments have different numbers of examples.
 */
export function vmap<Args extends readonly unknown[], Out>(
  f: (...args: Args) => Out,
  { axes = [] }: VmapOptions = {},
): (...args: Args) => Out {
  return (...args) => {
    const all = args.map((arg, i) => examplesOf(arg, axes[i] === undefined ? 0 : axes[i], i));
    const sizes = all.flat().flatMap((x) => (x === null ? [] : [x.shape[0]!]));
    const size = sizes[0];
    if (size === undefined) throw new ArgumentError("vmap", "no argument has examples, expected one at least.");
    if (sizes.some((n) => n !== size))
      throw new ShapeError(
        "vmap",
        `the arguments have ${[...new Set(sizes)].join(" and ")} examples, expected the same.`,
      );
    return inside((level) => {
      const given = args.map((arg, i) => {
        const examples = all[i]!;
        return examples[0] === null ? arg : withLeaves(arg, examples.map((x) => exampleOf(x!, level)).values());
      });
      const out = f(...(given as unknown as Args));
      const results = leavesOf(out, "", "vmap").map(({ tensor }) => allOf(tensor, level, size));
      return withLeaves(out, results.values());
    });
  };
}

/** The tensors of an argument with the examples first; `null` alone where all share it. */
function examplesOf(arg: unknown, axis: number | null, position: number): (Tensor | null)[] {
  if (axis === null) return [null];
  return leavesOf(arg, `argument ${position}`, "vmap").map(({ path, tensor }) => {
    if (tensor.rank === 0)
      throw new ShapeError(
        "vmap",
        `${path} is one number, expected examples along an axis. Shared by all: { axes: [null] }.`,
      );
    return axis === 0 ? tensor : tensor.moveAxis({ from: axis, to: 0 });
  });
}

/** All examples of what stands for one at this level. */
function allOf(x: Tensor, level: number, size: number): Tensor {
  return x.state.kind === "batched" && x.state.level === level
    ? x.state.all
    : x.expandDims(0).broadcastTo([size, ...x.shape]);
}

batchBy((operation, inputs, shape, options) => {
  const level = Math.max(...inputs.map((x) => (x.state.kind === "batched" ? x.state.level : 0)));
  const batched = inputs.map((x) => x.state.kind === "batched" && x.state.level === level);
  const all = inputs.map((x) => (x.state.kind === "batched" && x.state.level === level ? x.state.all : x));
  const size = all[batched.indexOf(true)]!.shape[0]!;
  if (operation.compose !== undefined) return composed(operation, inputs, all, { batched, level, size, options });
  if (operation.map !== undefined) {
    const aligned = all.map((x, i) => (batched[i] ? withRank(x, shape.length) : x));
    return exampleOf(apply(operation, aligned, options), level);
  }
  return exampleOf(operation.batch(all as never, { size, batched, shape }, options as never), level);
});

interface Call {
  readonly batched: readonly boolean[];
  readonly level: number;
  readonly size: number;
  readonly options: unknown;
}

/**
 * A composition with a pullback of its own. A tape inside `f` sees it as it is; for one outside, which follows the
 * tensors of all examples, its pullback is run on all examples at once.
 */
function composed(
  operation: Extract<AnyOperation, { compose: unknown }>,
  inputs: readonly Tensor[],
  all: readonly Tensor[],
  { batched, level, size, options }: Call,
): Tensor {
  const one = withRecorders([], () => operation.compose(inputs, options as never));
  const whole = allOf(one, level, size);
  if (activeRecorders().length === 0 || !operation.pullback) return exampleOf(whole, level);
  const { pullback } = operation;
  const forAll = {
    name: operation.name,
    inputs: operation.inputs,
    shape: () => whole.shape,
    compose: () => alias(whole),
    pullback: (cotangent: Tensor, given: readonly Tensor[], output: Tensor) =>
      inside((deeper) => {
        const examples = given.map((x, i) => (batched[i] ? exampleOf(x, deeper) : x));
        const parts: readonly Cotangent[] = pullback(
          exampleOf(cotangent, deeper),
          examples as never,
          exampleOf(output, deeper),
          options as never,
        );
        return parts.map((part, i) => {
          const value = typeof part === "function" ? part() : part;
          if (value === null) return null;
          const each = allOf(value, deeper, size);
          return batched[i] ? each : each.sum({ axis: 0 });
        });
      }),
    samples: [],
  };
  return exampleOf(apply(forAll as unknown as AnyOperation, all, undefined), level);
}
