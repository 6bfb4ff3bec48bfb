import type { RowProgram, Shape, TypedArray, View } from "../../../device.ts";
import { sizeOf } from "../../../size.ts";
import { arrayToFill, giveBack } from "../../arrays.ts";
import { valuesOf } from "../../buffer.ts";
import { type Described, describe, type Reach } from "../../vector/describe.ts";
import type { StreamArgument } from "../../vector/kernel.ts";
import { type Loops, loopsOf, writable } from "../../vector/loops.ts";
import { isAddressable } from "../../x86/bounds.ts";
import type { Scratch } from "../scratch.ts";
import { layoutOf } from "./layout.ts";
import { runRows } from "./rows.ts";
import { streamsOf } from "./streams.ts";

/** Results of a program: arrays over all elements, and over all rows. */
export interface RowResults {
  readonly elements: readonly TypedArray[];
  readonly rows: readonly TypedArray[];
}

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
  const described = describeOnce(program, layout.reaches);
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

const lasting = new WeakMap<RowProgram, Map<string, Described>>();

/** Programs for rows are written down once, and long; those of elementwise operations are put together for one run. */
function describeOnce(program: RowProgram, reaches: readonly Reach[]): Described {
  if (program.folds.length === 0 && program.beside !== true) return describe(program, reaches);
  let known = lasting.get(program);
  if (known === undefined) {
    known = new Map();
    lasting.set(program, known);
  }
  let key = "";
  for (let i = 0; i < reaches.length; i++) key += reaches[i]![0];
  let described = known.get(key);
  if (described === undefined) {
    described = describe(program, reaches);
    known.set(key, described);
  }
  return described;
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
