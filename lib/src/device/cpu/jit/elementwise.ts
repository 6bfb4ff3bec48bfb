import type { DType, Expression, RowProgram, Shape, TypedArray, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { giveBack } from "../arrays.ts";
import { wrap } from "../buffer.ts";
import { map as inJavaScript } from "../loops/map.ts";
import { branching, costly } from "../vector/scalars.ts";
import { inOrder } from "./joining.ts";
import { type RowResults, runProgram } from "./rows/program.ts";
import type { Scratch } from "./scratch.ts";
import { turned } from "./turning.ts";

/** Whether an expression applies a function of these. */
function has(expression: Expression, what: (node: Expression & { kind: "apply" }) => boolean): boolean {
  const seen = new Set<Expression>();
  const visit = (node: Expression): boolean => {
    if (node.kind !== "apply" || seen.has(node)) return false;
    seen.add(node);
    return what(node) || node.to.some(visit);
  };
  return visit(expression);
}

const isCostly = (expression: Expression) => has(expression, ({ scalar }) => costly.has(scalar));

/** Whether it pays to copy to the memory of WebAssembly and back. A bool is copied slowly: its type is another one there. */
function paysInWasm(expression: Expression, inputs: readonly View[], dtype: DType): boolean {
  if (isCostly(expression)) return true;
  return (
    has(expression, ({ scalar }) => branching.has(scalar)) &&
    dtype === "float32" &&
    inputs.every(({ buffer }) => buffer.dtype === "float32")
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
  if (expression.kind === "constant" || expression.dtype !== dtype) return undefined;
  const direct = scratch.engine.x86 !== null;
  if (!direct && !paysInWasm(expression, inputs, dtype)) return undefined;
  const program = { folds: [], elements: [expression], rows: [] };
  const run = (inputs: readonly View[]) => runProgram(program, inputs, shape, scratch)?.elements[0];
  if (expression.kind === "input") {
    const view = inputs[expression.index]!;
    return turned(view, scratch) ?? inOrder(view, scratch) ?? run(inputs);
  }
  const results = runTurned(program, inputs, shape, scratch)?.elements[0];
  if (results !== undefined || !isCostly(expression)) return results;
  return run(
    inputs.map((view) => {
      const { dtype } = view.buffer;
      return isEven(view)
        ? view
        : laid(view, inJavaScript({ kind: "input", index: 0, dtype }, [view], view.shape, dtype));
    }),
  );
}

/** Runs a program without folds; where a view is a transposed matrix, its elements are put one after another first. */
export function runTurned(
  program: RowProgram,
  inputs: readonly View[],
  shape: Shape,
  scratch: Scratch,
): RowResults | undefined {
  const results = runProgram(program, inputs, shape, scratch);
  if (results !== undefined) return results;
  const copies = inputs.map((view) => turned(view, scratch));
  const isSame = copies.every((copy) => copy === undefined);
  const inOrder = inputs.map((view, i) => laid(view, copies[i]));
  const again = isSame ? undefined : runProgram(program, inOrder, shape, scratch);
  for (const copy of copies) if (copy !== undefined) giveBack(copy);
  return again;
}

const rowMajor = ({ shape }: View) => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** Whether a view lies row by row, or is one value throughout. */
function isEven(view: View): boolean {
  const steps = rowMajor(view);
  const is = (wanted: (axis: number) => number) =>
    view.strides.every((stride, axis) => stride === wanted(axis) || view.shape[axis] === 1);
  return is((axis) => steps[axis]!) || is(() => 0);
}

/** A view of the values that lie row by row, if there are any. */
function laid(view: View, values: TypedArray | undefined): View {
  if (values === undefined) return view;
  return { buffer: wrap(values, view.buffer.dtype), shape: view.shape, strides: rowMajor(view), offset: 0 };
}
