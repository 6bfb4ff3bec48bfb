import type { Expression, Reduction, RowProgram, TypedArray, View } from "../../device.ts";
import { arrayToFill } from "../arrays.ts";
import { valuesOf } from "../buffer.ts";
import { collapse } from "../loops/layout.ts";
import { offsetsOf } from "../loops/offsets.ts";
import { SUM_COLUMNS } from "../x86/blocks/lines.ts";
import { isAddressable } from "../x86/bounds.ts";
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
/** Elements of a row above which WebAssembly, which takes a copy of it, would need too much memory. */
const MOST_COPIED = 1 << 20;

/** The sum, the largest or where an extreme is, over axes of which the elements lie side by side, in machine code. */
export function fold(by: Reduction, x: View, axes: readonly number[], scratch: Scratch): TypedArray | undefined {
  const program = programs[by];
  if (program === undefined) return undefined;
  const across = collapse(
    axes.map((axis) => x.shape[axis]!),
    [axes.map((axis) => x.strides[axis]!)],
  );
  const [columns = 0, ...more] = across.shape;
  if (scratch.engine.x86 === null && columns > MOST_COPIED) return undefined;
  if (more.length > 0 || across.strides[0]![0] !== 1 || columns < LEAST_COLUMNS) return undefined;
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const shape = [...kept.map((axis) => x.shape[axis]!), columns];
  if (shape.reduce((product, n) => product * n, 1) < LEAST_ELEMENTS) return undefined;
  const rows: View = { ...x, shape, strides: [...kept.map((axis) => x.strides[axis]!), 1] };
  return runProgram(program, [rows], shape, scratch)?.rows[0];
}

/** Sums over an axis of which the elements lie apart, where those that are kept lie side by side. */
export function sumApart(x: View, axes: readonly number[], scratch: Scratch): TypedArray | undefined {
  const { x86 } = scratch.engine;
  if (x86 === null) return undefined;
  const axis = (wanted: boolean) => x.shape.map((_, i) => i).filter((i) => axes.includes(i) === wanted);
  const layout = (list: readonly number[]) =>
    collapse(
      list.map((i) => x.shape[i]!),
      [list.map((i) => x.strides[i]!)],
    );
  const [keep, fold] = [layout(axis(false)), layout(axis(true))];
  const width = keep.shape.at(-1)!;
  const [rows, row] = [fold.shape[0]!, fold.strides[0]![0]!];
  const fits = keep.strides[0]!.at(-1) === 1 && width >= SUM_COLUMNS && fold.shape.length === 1 && row !== 1;
  if (!fits || rows * width < LEAST_ELEMENTS || !isAddressable(valuesOf(x.buffer))) return undefined;
  const starts = offsetsOf(keep.shape.slice(0, -1), keep.strides[0]!.slice(0, -1));
  const out = arrayToFill("float32", starts.length * width);
  const values = valuesOf(x.buffer) as Float32Array;
  const whole = width - (width % SUM_COLUMNS);
  for (let i = 0; i < starts.length; i++) {
    const from = { values, start: x.offset + starts[i]!, row };
    x86.blocks.sumLines(from, { values: out, start: i * width }, { rows, width: whole });
    for (let j = whole; j < width; j++) {
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += values[from.start + r * row + j]!;
      out[i * width + j] = sum;
    }
  }
  return out;
}
