import { operations } from "../operations/define.ts";
import type { AnyOperation } from "../operations/record.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** The cotangent of each input of an operation, `null` for one without, from that of its output. */
export type PullbackRule = (
  cotangent: Tensor,
  inputs: readonly Tensor[],
  output: Tensor,
  options: unknown,
) => readonly (Tensor | null)[];

let rules: ReadonlyMap<string, PullbackRule> = new Map();

/** @internal The operation with the rule that is in force for it, or as it is. */
export function withRuleInForce(operation: AnyOperation): AnyOperation {
  const rule = rules.size === 0 ? undefined : rules.get(operation.name);
  return rule === undefined
    ? operation
    : ({ ...operation, pullback: rule, inParts: undefined } as unknown as AnyOperation);
}

/** @internal Whether another rule is in force for one of some operations, by name. */
export function hasRules(names: readonly string[]): boolean {
  return rules.size > 0 && names.some((name) => rules.has(name));
}

/**
 * Runs `body` with other pullbacks for some operations, by name: the derivatives of what runs inside go backwards by
 * these rules, whoever wrote the model. Values do not change. Within calls of this function the inner rules come first.
 *
 * Throws an `ArgumentError` for a name that is no operation, or one of an operation that is written in others and has
 * no pullback of its own.
 *
 * @example
 * ```ts
 * import { grad, tensor, withPullbacks, type Tensor } from "gradbook";
 *
 * const f = (x: Tensor) => x.relu().sum();
 * await grad(f)(tensor([-1, 2])).toArray(); // [0, 1]
 * await withPullbacks({ relu: (g) => [g] }, () => grad(f)(tensor([-1, 2]))).toArray(); // [1, 1]
 * ```
 */
export function withPullbacks<T>(given: Readonly<Record<string, PullbackRule>>, body: () => T): T {
  for (const name of Object.keys(given)) {
    const operation = operations.get(name);
    if (operation === undefined)
      throw new ArgumentError("withPullbacks", `there is no operation "${name}", expected the name of one.`);
    if (operation.compose !== undefined && operation.pullback === undefined)
      throw new ArgumentError(
        "withPullbacks",
        `${name} is written in other operations and has no pullback of its own. Name those that it uses.`,
      );
  }
  const before = rules;
  rules = new Map([...before, ...Object.entries(given)]);
  try {
    return body();
  } finally {
    rules = before;
  }
}
