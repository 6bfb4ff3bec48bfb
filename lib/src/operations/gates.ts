import { leastInVectors } from "../tensor/lazy.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { concat } from "./joining.ts";
import { inRows, type RowFunction } from "./rows.ts";

/** @internal What tensors and the terms of row programs have in common, so that the formula of a cell is written once. */
export interface Value<T> {
  add(value: T | number): T;
  sub(value: T): T;
  mul(value: T | number): T;
  tanh(): T;
  sigmoid(): T;
}

/** @internal The slope of a gate, from what it is after it was squashed. */
export const slopeOf = <T extends Value<T>>(gate: T): T => gate.sub(gate.mul(gate));

/** @internal That of a candidate, which tanh squashes. */
export const slopeOfTanh = <T extends Value<T>>(candidate: T): T => candidate.mul(candidate).mul(-1).add(1);

/** @internal Results side by side: in one go, or step by step, to the same bits. */
export function beside(
  rows: RowFunction,
  compute: (given: readonly Tensor[]) => Tensor[],
  given: readonly Tensor[],
): Tensor {
  const compose = () => concat(compute(given), -1);
  return given[0]!.size < leastInVectors ? compose() : inRows(rows, given as [Tensor, ...Tensor[]], -1, compose);
}
