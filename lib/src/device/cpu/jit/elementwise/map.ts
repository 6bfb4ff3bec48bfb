import type { DType, Expression, Scalar, Shape, TypedArray, View } from "../../../device.ts";
import { hostArray } from "../../../host.ts";
import { valuesOf } from "../../buffer.ts";
import { roundUp } from "../rounding.ts";
import type { Scratch } from "../scratch.ts";
import { compilable, compile } from "./compile.ts";
import { type Program, programOf } from "./program.ts";
import { reader } from "./reader.ts";
import { branching, costly } from "./scalars.ts";

/** Elements at a time: a few such blocks fit the second-level cache. */
const BLOCK = 4096;

/** Whether copying to the kernels' memory and back costs less than it saves. */
function pays({ steps }: Program): boolean {
  const has = (scalars: ReadonlySet<Scalar>) => steps.some((step) => step.kind === "apply" && scalars.has(step.scalar));
  if (has(costly)) return true;
  // A bool is copied slowly, because its type is another one there.
  return (
    has(branching) &&
    steps.every((step, i) => step.dtype === "float32" || (step.kind === "apply" && i < steps.length - 1))
  );
}

/** Evaluates an expression of float32 and bool, unless JavaScript is as fast or a function is not known here. */
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
  if (!pays(program) || !compilable(program)) return undefined;

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
