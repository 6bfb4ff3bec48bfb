import type { DType, Expression, RowProgram, Shape, TypedArray, View } from "../../device.ts";
import { wrap } from "../buffer.ts";
import { map as inJavaScript } from "../loops/map.ts";
import { branching, costly } from "../vector/scalars.ts";
import { runProgram } from "./rows/program.ts";
import type { Scratch } from "./scratch.ts";

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
  const program: RowProgram = { folds: [], elements: [expression], rows: [] };
  const results = runProgram(program, inputs, shape, scratch);
  if (results !== undefined || !isCostly(expression)) return results?.elements[0];
  return runProgram(
    program,
    inputs.map((view) => contiguous(view)),
    shape,
    scratch,
  )?.elements[0];
}

/** The same values row by row, where they are float32 or bool and lie in another way. */
function contiguous(view: View): View {
  const { dtype } = view.buffer;
  const strides = view.shape.map((_, axis) => view.shape.slice(axis + 1).reduce((product, n) => product * n, 1));
  if (view.strides.every((stride, axis) => stride === strides[axis] || view.shape[axis] === 1)) return view;
  if (view.strides.every((stride, axis) => stride === 0 || view.shape[axis] === 1)) return view;
  const values = inJavaScript({ kind: "input", index: 0, dtype }, [view], view.shape, dtype);
  return { buffer: wrap(values, dtype), shape: view.shape, strides, offset: 0 };
}
