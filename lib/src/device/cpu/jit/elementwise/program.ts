import type { DType, Expression, Scalar } from "../../../device.ts";

/** One value of a program; `of` are earlier steps. Slots number the views, and the numbers, that a call supplies. */
export type Step =
  | { readonly kind: "view" | "number"; readonly slot: number; readonly dtype: DType }
  | { readonly kind: "apply"; readonly scalar: Scalar; readonly of: readonly number[]; readonly dtype: DType };

/** An expression in the order of its computation. Programs with the same key differ in the supplied values only. */
export interface Program {
  readonly key: string;
  readonly steps: readonly Step[];
  /** Which input each view slot reads. */
  readonly views: readonly number[];
  readonly numbers: readonly number[];
}

/** `constant` gives the value of an input that is the same for every element. */
export function programOf(expression: Expression, constant: (input: number) => number | undefined): Program {
  const steps: Step[] = [];
  const views: number[] = [];
  const numbers: number[] = [];
  const known = new Map<Expression | number, number>();
  const add = (step: Step) => steps.push(step) - 1;
  const addNumber = (value: number, dtype: DType) => add({ kind: "number", slot: numbers.push(value) - 1, dtype });

  const visit = (node: Expression): number => {
    const identity = node.kind === "input" ? node.index : node;
    const before = known.get(identity);
    if (before !== undefined) return before;
    const step = write(node);
    known.set(identity, step);
    return step;
  };
  const write = (node: Expression): number => {
    if (node.kind === "constant") return addNumber(node.value, node.dtype);
    if (node.kind === "apply") {
      return add({ kind: "apply", scalar: node.scalar, of: node.to.map(visit), dtype: node.dtype });
    }
    const value = constant(node.index);
    if (value !== undefined) return addNumber(value, node.dtype);
    return add({ kind: "view", slot: views.push(node.index) - 1, dtype: node.dtype });
  };
  visit(expression);
  const key = steps.map((s) => (s.kind === "apply" ? `${s.scalar}:${s.dtype}(${s.of})` : `${s.kind}:${s.dtype}`));
  return { key: key.join(";"), steps, views, numbers };
}
