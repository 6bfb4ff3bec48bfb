import type { Shape, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { arrayToFill, zeroedArray } from "../arrays.ts";
import { valuesOf, wrap } from "../buffer.ts";
import { collapse } from "../loops/layout.ts";
import { rowMajor } from "../loops/move.ts";
import { offsetsOf } from "../loops/offsets.ts";
import { isAddressable } from "../x86/bounds.ts";
import type { X86Kernels } from "../x86/kernels.ts";
import type { Scratch } from "./scratch.ts";

/** Elements below which plain loops are done sooner. */
const LEAST = 1024;
/** Elements side by side from which it pays to copy by rows. */
const LEAST_WIDTH = 8;

interface Part {
  readonly view: View;
  readonly at: Shape;
}

/** Whether parts follow each other along one axis and leave nothing out. */
function areSideBySide(parts: readonly Part[], shape: Shape): boolean {
  const along = shape.findIndex((n, axis) => parts.some(({ view }) => view.shape[axis] !== n));
  let next = 0;
  for (const { view, at } of parts) {
    if (!shape.every((n, axis) => (axis === along ? at[axis] === next : at[axis] === 0 && view.shape[axis] === n)))
      return false;
    next += along < 0 ? 1 : view.shape[along]!;
  }
  return next === (along < 0 ? 1 : shape[along]);
}

const rowSteps = (shape: Shape) => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** Each part of float32 at its place in an array of `shape`, `fill` elsewhere, in machine code. */
export function pad(parts: readonly Part[], shape: Shape, fill: number, scratch: Scratch): Float32Array | undefined {
  const { x86 } = scratch.engine;
  const size = sizeOf(shape);
  if (x86 === null || size < LEAST || shape.length === 0) return undefined;
  if (!parts.every(({ view }) => view.buffer.dtype === "float32" && isAddressable(valuesOf(view.buffer))))
    return undefined;
  const covered = areSideBySide(parts, shape);
  const out = covered ? arrayToFill("float32", size) : zeroedArray("float32", size);
  if (!isAddressable(out)) return undefined;
  if (!covered && !Object.is(fill, 0)) out.fill(fill);
  const steps = rowSteps(shape);
  for (const { view, at } of parts) {
    if (sizeOf(view.shape) === 0) continue;
    const start = at.reduce((sum, i, axis) => sum + i * steps[axis]!, 0);
    copyIn(view, out, start, steps, x86);
  }
  return out;
}

/** The elements of a float32 view row by row, where those of its last axis lie side by side, in machine code. */
export function inOrder(view: View, scratch: Scratch): Float32Array | undefined {
  const { x86 } = scratch.engine;
  const size = sizeOf(view.shape);
  const fits = view.buffer.dtype === "float32" && view.strides.at(-1) === 1 && view.shape.at(-1)! >= LEAST_WIDTH;
  if (x86 === null || !fits || size < LEAST || !isAddressable(valuesOf(view.buffer))) return undefined;
  const out = arrayToFill("float32", size);
  if (!isAddressable(out)) return undefined;
  copyIn(view, out, 0, rowSteps(view.shape), x86);
  return out;
}

function copyIn(view: View, out: Float32Array, start: number, steps: readonly number[], x86: X86Kernels): void {
  const { shape: merged, strides } = collapse(view.shape, [view.strides, steps]);
  let [sizes, from, to] = [merged, ...strides] as [readonly number[], readonly number[], readonly number[]];
  if (to.at(-1) !== 1)
    [sizes, from, to] = [sizes, from, to].map((list) => [...list, 1]) as [number[], number[], number[]];
  if (from.at(-1) !== 1) {
    const values = rowMajor(view);
    const contiguous = {
      buffer: wrap(values, "float32"),
      shape: view.shape,
      strides: rowSteps(view.shape),
      offset: 0,
    };
    copyIn(contiguous, out, start, steps, x86);
    return;
  }
  const width = sizes.at(-1)!;
  const [blocks, rows] = [sizes.at(-3) ?? 1, sizes.at(-2) ?? 1];
  const outer = sizes.slice(0, -3);
  const [froms, tos] = [offsetsOf(outer, from.slice(0, -3)), offsetsOf(outer, to.slice(0, -3))];
  const values = valuesOf(view.buffer) as Float32Array;
  for (let i = 0; i < froms.length; i++)
    x86.blocks.copy(
      { values, start: view.offset + froms[i]!, row: from.at(-2) ?? 0, block: from.at(-3) ?? 0 },
      { values: out, start: start + tos[i]!, row: to.at(-2) ?? 0, block: to.at(-3) ?? 0 },
      { blocks, rows, width },
    );
}
