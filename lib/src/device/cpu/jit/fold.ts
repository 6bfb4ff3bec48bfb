import type { Expression, Reduction, RowProgram, TypedArray, View } from "../../device.ts";
import { collapse } from "../loops/layout.ts";
import { runProgram } from "./rows/program.ts";
import type { Scratch } from "./scratch.ts";

const element: Expression = { kind: "input", index: 0, dtype: "float32" };
const folded: Expression = { kind: "input", index: 1, dtype: "float32" };
const position: Expression = { kind: "input", index: 1, dtype: "int32" };
const programs: { readonly [R in Reduction]?: RowProgram } = {
  sum: { folds: [{ by: "sum", of: element }], elements: [], rows: [folded] },
  max: { folds: [{ by: "max", of: element }], elements: [], rows: [folded] },
  argmax: { folds: [{ by: "argmax", of: element }], elements: [], rows: [position] },
  argmin: { folds: [{ by: "argmin", of: element }], elements: [], rows: [position] },
};

/** Elements of a row, and in all, below which plain loops are done sooner. */
const LEAST_COLUMNS = 32;
const LEAST_ELEMENTS = 2048;

/** The sum, the largest or where an extreme is, over axes of which the elements lie side by side, in machine code. */
export function fold(by: Reduction, x: View, axes: readonly number[], scratch: Scratch): TypedArray | undefined {
  const program = programs[by];
  if (program === undefined || scratch.engine.x86 === null) return undefined;
  const across = collapse(
    axes.map((axis) => x.shape[axis]!),
    [axes.map((axis) => x.strides[axis]!)],
  );
  const [columns = 0, ...more] = across.shape;
  if (more.length > 0 || across.strides[0]![0] !== 1 || columns < LEAST_COLUMNS) return undefined;
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const shape = [...kept.map((axis) => x.shape[axis]!), columns];
  if (shape.reduce((product, n) => product * n, 1) < LEAST_ELEMENTS) return undefined;
  const rows: View = { ...x, shape, strides: [...kept.map((axis) => x.strides[axis]!), 1] };
  return runProgram(program, [rows], shape, scratch)?.rows[0];
}
