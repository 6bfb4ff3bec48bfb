import type { DType, Expression, Shape, TypedArray, View } from "../../../device.ts";
import { hostArray } from "../../../host.ts";
import { valuesOf } from "../../buffer.ts";
import { roundUp } from "../rounding.ts";
import type { Scratch } from "../scratch.ts";
import { compilable, compile } from "./compile.ts";
import { programOf } from "./program.ts";
import { reader } from "./reader.ts";
import { costly } from "./scalars.ts";

/** Elements at a time: a few such blocks fit the second-level cache. */
const BLOCK = 4096;

/** Evaluates an expression of float32 and bool, unless it has no transcendental function or one not known here. */
export function map(
  expression: Expression,
  inputs: readonly View[],
  shape: Shape,
  dtype: DType,
  scratch: Scratch,
): TypedArray | undefined {
  const isConstant = inputs.map(({ strides }) => strides.every((stride, axis) => stride === 0 || shape[axis] === 1));
  const program = programOf(expression, (index) => {
    const { buffer, offset } = inputs[index]!;
    return isConstant[index] ? valuesOf(buffer)[offset] : undefined;
  });
  if (expression.dtype !== dtype) return undefined;
  if (!program.steps.some((step) => step.kind === "apply" && costly.has(step.scalar))) return undefined;
  if (!compilable(program)) return undefined;

  const { run } = scratch.engine.kernels(program.key, (fused) => ({ run: compile(program, fused) }));
  const readers = program.views.map((index) => reader(inputs[index]!));
  const addresses = readers.map(() => scratch.claim(BLOCK * 4));
  const result = scratch.claim(BLOCK * 4);
  const { floats } = scratch;
  const length = shape.reduce((product, n) => product * n, 1);
  const out = hostArray(dtype, length);
  for (let start = 0; start < length; start += BLOCK) {
    const count = Math.min(BLOCK, length - start);
    readers.forEach((read, slot) => {
      read(start, count, floats, addresses[slot]! / 4);
    });
    run(result, roundUp(count, 4) * 4, ...addresses, ...program.numbers);
    out.set(floats.subarray(result / 4, result / 4 + count), start);
  }
  return out;
}
