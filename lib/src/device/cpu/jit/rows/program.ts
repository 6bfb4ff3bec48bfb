import type { RowProgram, Shape, TypedArray, View } from "../../../device.ts";
import { sizeOf } from "../../../size.ts";
import { arrayToFill, giveBack } from "../../arrays.ts";
import { valuesOf } from "../../buffer.ts";
import { collapse } from "../../loops/layout.ts";
import { offsetsOf } from "../../loops/offsets.ts";
import { type Described, describe, type Reach } from "../../vector/describe.ts";
import type { StreamArgument } from "../../vector/kernel.ts";
import { type Loops, loopsOf, writable } from "../../vector/loops.ts";
import { isAddressable } from "../../x86/bounds.ts";
import type { Scratch } from "../scratch.ts";
import { runRows } from "./rows.ts";

/** Results of a program: arrays over all elements, and over all rows. */
export interface RowResults {
  readonly elements: readonly TypedArray[];
  readonly rows: readonly TypedArray[];
}

/** How views lie, as rows. */
interface Layout {
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
const mostRemembered = 1024;
const remembered = new Map<string, Loops | null>();

/**
 * Runs a row program on views of one shape, or says undefined where vectors do not do it. Where machine code has it, it
 * works on the arrays themselves; WebAssembly takes copies.
 */
export function runProgram(
  program: RowProgram,
  inputs: readonly View[],
  shape: Shape,
  scratch: Scratch,
): RowResults | undefined {
  if (shape.includes(0)) return undefined;
  const beside = program.beside === true;
  const layout = layoutOf(inputs, shape, beside || program.folds.length + program.rows.length > 0);
  if (layout === undefined) return undefined;
  const described = describe(program, layout.reaches);
  const loops = remember(program, layout.reaches, described);
  if (loops === null) return undefined;
  const { rows, columns } = layout;
  const side = beside ? program.elements.length : 1;
  const whole = program.elements.slice(0, beside ? 1 : undefined);
  const elements = whole.map(({ dtype }) => arrayToFill(dtype, side * sizeOf(shape)));
  const perRow = program.rows.map(({ dtype }) => arrayToFill(dtype, sizeOf(shape.slice(0, -1))));
  const numbers = described.numbers.map((number) =>
    "value" in number ? number.value : valuesOf(inputs[number.input]!.buffer)[inputs[number.input]!.offset]!,
  );
  const arrays = [...inputs.map(({ buffer }) => valuesOf(buffer)), ...elements, ...perRow];
  const kernel = arrays.every(isAddressable) ? scratch.engine.x86?.rows(loops) : undefined;
  // WebAssembly finds no positions.
  if (kernel === undefined && program.folds.some(({ by }) => by.startsWith("arg"))) return undefined;
  const passed = streamsOf(loops.inputs, inputs, layout, sizeOf(shape) / (rows * columns));
  for (const [i, given] of passed.streams.entries()) {
    const streams = [...given];
    for (let k = 0; k < program.elements.length; k++) {
      const values = elements[beside ? 0 : k] as StreamArgument["values"];
      const start = i * rows * columns;
      streams.push({ values, offset: beside ? side * start + k * columns : start, stride: side * columns });
    }
    for (const values of perRow)
      streams.push({ values: values as StreamArgument["values"], offset: i * rows, stride: 1 });
    if (kernel !== undefined) kernel(streams, passed.rows, columns, numbers);
    else {
      const { mark } = scratch;
      runRows(loops, streams, passed.rows, columns, numbers, scratch);
      scratch.rewind(mark);
    }
  }
  for (const values of passed.lent) giveBack(values);
  return { elements, rows: perRow };
}

/** What calls are given for inputs: as many rows at a time as the same streams go through. */
interface Passed {
  readonly rows: number;
  readonly streams: readonly (readonly StreamArgument[])[];
  /** Memory that was made for them. */
  readonly lent: readonly TypedArray[];
}

/** Columns from which it pays to write down a value for each row, so that one call goes through all of them. */
const LEAST_COLUMNS = 16;

function streamsOf(which: readonly number[], inputs: readonly View[], layout: Layout, times: number): Passed {
  const { outer, rows, columns, strides, reaches } = layout;
  const stream = (input: number, i: number): StreamArgument => {
    const { buffer, offset } = inputs[input]!;
    const values = valuesOf(buffer) as StreamArgument["values"];
    return { values, offset: offset + (outer[input]?.[i] ?? 0), stride: strides[input]! };
  };
  const separate = () => ({
    rows,
    streams: Array.from({ length: times }, (_, i) => which.map((input) => stream(input, i))),
    lent: [],
  });
  if (times === 1 || columns < LEAST_COLUMNS) return separate();
  const steps = which.map((input) => evenStep(outer[input]!, rows, strides[input]!));
  if (which.some((input, k) => steps[k] === undefined && reaches[input] !== "row")) return separate();
  const lent: TypedArray[] = [];
  const merged = which.map((input, k): StreamArgument => {
    const first = stream(input, 0);
    if (steps[k] !== undefined) return { ...first, stride: steps[k] };
    // A bias, say, that goes round with the channels of each image.
    const values = arrayToFill("float32", times * rows);
    for (let i = 0, to = 0; i < times; i++) {
      const { offset, stride } = stream(input, i);
      for (let row = 0; row < rows; row++) values[to++] = first.values[offset + row * stride]!;
    }
    lent.push(values);
    return { values, offset: 0, stride: 1 };
  });
  return { rows: times * rows, streams: [merged], lent };
}

/** The step from each row to the next where rows of rows follow each other evenly. */
function evenStep(outer: Int32Array, rows: number, stride: number): number | undefined {
  const step = rows === 1 ? outer[1]! - outer[0]! : stride;
  for (let i = 1; i < outer.length; i++) if (outer[i]! - outer[i - 1]! !== rows * step) return undefined;
  return step;
}

function remember(program: RowProgram, reaches: readonly Reach[], { key }: Described): Loops | null {
  let loops = remembered.get(key);
  if (loops === undefined) {
    loops = writable(program, reaches) ? loopsOf(program, reaches) : null;
    if (remembered.size >= mostRemembered) remembered.delete(remembered.keys().next().value!);
    remembered.set(key, loops);
  }
  return loops;
}

/** The views as rows of the last axis, which programs with folds keep; undefined where one steps through its rows. */
function layoutOf(inputs: readonly View[], shape: Shape, keepsRows: boolean): Layout | undefined {
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
