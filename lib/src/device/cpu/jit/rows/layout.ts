import type { Shape, View } from "../../../device.ts";
import { sizeOf } from "../../../size.ts";
import { collapse } from "../../loops/layout.ts";
import { offsetsOf } from "../../loops/offsets.ts";
import type { Reach } from "../../vector/describe.ts";

/** How views lie, as rows. */
export interface Layout {
  /** Where each row of rows begins, for every view: the kernels' rows lie evenly apart. */
  readonly outer: readonly Int32Array[];
  readonly rows: number;
  readonly columns: number;
  /** From a row to the next, for every view. */
  readonly strides: readonly number[];
  readonly reaches: readonly Reach[];
}

/** Elements of a call below which many calls take longer than plain loops. */
const LEAST_ELEMENTS = 256;

/** The views as rows of the last axis, which programs with folds keep; undefined where one steps through its rows. */
export function layoutOf(inputs: readonly View[], shape: Shape, keepsRows: boolean): Layout | undefined {
  const flat = keepsRows ? undefined : flatLayout(inputs, shape);
  if (flat !== undefined) return flat;
  const strides = inputs.map((view) => view.strides.map((stride, axis) => (shape[axis] === 1 ? 0 : stride)));
  let [outerShape, outerStrides] = [[] as readonly number[], strides as readonly (readonly number[])[]];
  let columns: number;
  let inner: number[];
  if (keepsRows) {
    columns = shape.at(-1) ?? 1;
    inner = strides.map((list) => list.at(-1) ?? 0);
    const outer = collapse(
      shape.slice(0, -1),
      strides.map((list) => list.slice(0, -1)),
    );
    [outerShape, outerStrides] = [outer.shape, outer.strides];
  } else {
    const all = collapse(shape, strides);
    columns = all.shape.at(-1)!;
    inner = all.strides.map((list) => list.at(-1)!);
    [outerShape, outerStrides] = [all.shape.slice(0, -1), all.strides.map((list) => list.slice(0, -1))];
  }
  const rows = outerShape.at(-1) ?? 1;
  const rowStrides = outerStrides.map((list) => list.at(-1) ?? 0);
  const reaches = inputs.map((_, i): Reach | undefined => {
    if (strides[i]!.every((stride) => stride === 0)) return "call";
    return inner[i] === 1 ? "element" : inner[i] === 0 ? "row" : undefined;
  });
  if (reaches.includes(undefined)) return undefined;
  const times = sizeOf(outerShape.slice(0, -1));
  if (times > 4 && rows * columns < LEAST_ELEMENTS) return undefined;
  return {
    outer: outerStrides.map((list) => offsetsOf(outerShape.slice(0, -1), list.slice(0, -1))),
    rows,
    columns,
    strides: rowStrides,
    reaches: reaches as Reach[],
  };
}

const atZero = new Int32Array(1);

/** The layout of views that lie row by row, or are one value throughout, which most are: found without much ado. */
function flatLayout(inputs: readonly View[], shape: Shape): Layout | undefined {
  const reaches: Reach[] = [];
  let columns = 1;
  for (const n of shape) columns *= n;
  for (const { strides } of inputs) {
    let [inOrder, isOne] = [true, true];
    for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
      const n = shape[axis]!;
      if (n === 1) continue;
      if (strides[axis] !== step) inOrder = false;
      if (strides[axis] !== 0) isOne = false;
      step *= n;
    }
    if (!(inOrder || isOne)) return undefined;
    reaches.push(isOne ? "call" : "element");
  }
  const zeros = reaches.map(() => 0);
  return { outer: reaches.map(() => atZero), rows: 1, columns, strides: zeros, reaches };
}
