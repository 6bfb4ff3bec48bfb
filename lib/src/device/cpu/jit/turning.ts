import type { TypedArray, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { arrayToFill } from "../arrays.ts";
import { valuesOf } from "../buffer.ts";
import { collapse } from "../loops/layout.ts";
import { offsetsOf } from "../loops/offsets.ts";
import { isAddressable } from "../x86/bounds.ts";
import type { Scratch } from "./scratch.ts";

/** Elements of a matrix below which plain loops turn it sooner. */
const LEAST = 1024;

/** The elements row by row of views that are transposed matrices, in machine code. */
export function turned(view: View, scratch: Scratch): TypedArray | undefined {
  const { x86 } = scratch.engine;
  if (x86 === null || view.buffer.dtype !== "float32") return undefined;
  const { shape, strides } = collapse(view.shape, [view.strides]);
  const steps = strides[0]!;
  const [rows, columns] = [shape.at(-2) ?? 0, shape.at(-1)!];
  const [rowStep, step] = [steps.at(-2) ?? 0, steps.at(-1)!];
  if (rowStep !== 1 || step < 8 || rows < 8 || columns < 8 || rows * columns < LEAST) return undefined;
  if (!isAddressable(valuesOf(view.buffer)) || sizeOf(view.shape) * 4 > 0x7fffffff) return undefined;
  const starts = offsetsOf(shape.slice(0, -2), steps.slice(0, -2));
  const values = valuesOf(view.buffer) as Float32Array;
  const out = arrayToFill("float32", starts.length * rows * columns);
  const [evenRows, evenColumns] = [rows - (rows % 8), columns - (columns % 8)];
  for (let i = 0; i < starts.length; i++) {
    const [from, to] = [view.offset + starts[i]!, i * rows * columns];
    x86.blocks.turn(
      { values, start: from, row: step, block: 8 * step },
      { values: out, start: to, row: columns, block: 8 },
      { blocks: evenColumns / 8, width: evenRows },
    );
    for (let r = 0; r < rows; r++)
      for (let c = r < evenRows ? evenColumns : 0; c < columns; c++)
        out[to + r * columns + c] = values[from + r + c * step]!;
  }
  return out;
}
