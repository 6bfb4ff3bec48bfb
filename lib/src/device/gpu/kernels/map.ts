import { type Described, describe } from "../../cpu/vector/describe.ts";
import type { Buffer, DType, Expression, Shape, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { blockOf, type Context, whole } from "../context.ts";
import { MOST_WORDS, type Source } from "../launcher.ts";
import { joined, type Walk } from "../layout.ts";
import { ExpressionWriter, loaded, stored } from "../wgsl/expression.ts";
import { groupsFor, perElement, word } from "../wgsl/program.ts";
import { constantCode, constantsOf, constantWord } from "./constants.ts";
import { offsetOf, unravelled } from "./index-code.ts";

/** Every elementwise operation: by gpu.js where it does all of this correctly, else by WGSL of our own. */
export function map(
  context: Context,
  expression: Expression,
  inputs: readonly View[],
  shape: Shape,
  dtype: DType,
): Buffer {
  const out = context.make(dtype, sizeOf(shape));
  if (out.length > 0) mapInto(context, expression, inputs, shape, out);
  return out;
}

function mapInto(context: Context, expression: Expression, inputs: readonly View[], shape: Shape, out: Buffer): void {
  const walk = joined(
    shape,
    inputs.map(({ strides }) => strides),
  );
  const described = describe(
    { folds: [], elements: [expression], rows: [] },
    inputs.map(() => "element"),
  );
  const words = 2 + walk.shape.length * (inputs.length + 1) + inputs.length + described.numbers.length;
  if (inputs.length > context.mostReads || words > MOST_WORDS) {
    inParts(context, expression, inputs, shape, out);
    return;
  }
  const byGpuJs = context.compiler?.compile(expression, described, walk, inputs.length, out.dtype);
  if (byGpuJs !== undefined) {
    const { kernel, parameters, groups } = byGpuJs;
    context.launch(kernel, parameters(inputs), buffersOf(inputs), [out], groups);
    return;
  }
  const rank = walk.shape.length;
  context.run(
    `map ${described.key} ${rank} ${out.dtype}`,
    () => program(expression, inputs, rank, out.dtype),
    parametersOf(described, expression, walk, inputs, out.length),
    buffersOf(inputs),
    [out],
    groupsFor(out.length),
  );
}

export const buffersOf = (views: readonly View[]) => views.map(({ buffer }) => buffer);

/** Parameters: the count, the sizes of the axes, for each input its start and steps, the constants. */
function parametersOf(
  { numbers }: Described,
  expression: Expression,
  walk: Walk,
  inputs: readonly View[],
  count: number,
): number[] {
  const words = [count, ...walk.shape];
  for (let i = 0; i < inputs.length; i++) words.push(inputs[i]!.offset, ...walk.strides[i]!);
  if (numbers.length > 0) words.push(...constantsOf(expression).map(constantWord));
  return words;
}

function program(expression: Expression, inputs: readonly View[], rank: number, dtype: DType): Source {
  const first = 1 + rank;
  const constants = first + inputs.length * (1 + rank);
  const writer = new ExpressionWriter({
    input: (index, dtype) => {
      const start = first + index * (1 + rank);
      return loaded(dtype, `A${index}[${offsetOf("c", rank, start + 1, word(start))}]`);
    },
    constant: (number, dtype) => constantCode(constants + number, dtype),
  });
  // The result has the dtype of the expression, unless that is to be cast.
  const cast: Expression =
    expression.dtype === dtype ? expression : { kind: "apply", scalar: "cast", to: [expression], dtype };
  const result = writer.write(cast);
  const body = [unravelled("c", "i", rank, 1), ...writer.lines, `Y0[i] = ${stored(dtype, result)};`].join("\n  ");
  return perElement({ reads: inputs.map(({ buffer }) => buffer.dtype), writes: [dtype], body });
}

/** A program that reads more arrays than the GPU allows: its operands are computed one by one. */
function inParts(context: Context, expression: Expression, inputs: readonly View[], shape: Shape, out: Buffer): void {
  if (expression.kind !== "apply") {
    // One leaf needs one array, however many there are.
    const used = expression.kind === "input" ? [inputs[expression.index]!] : [];
    const leaf: Expression = expression.kind === "input" ? { ...expression, index: 0 } : expression;
    mapInto(context, leaf, used, shape, out);
    return;
  }
  const parts = expression.to.map((operand) => {
    if (operand.kind === "input") return inputs[operand.index]!;
    const { expression: alone, inputs: needed } = withOwnInputs(operand, inputs);
    return whole(map(context, alone, needed, shape, operand.dtype), shape);
  });
  const to = expression.to.map((operand, index): Expression => ({ kind: "input", index, dtype: operand.dtype }));
  mapInto(context, { ...expression, to }, parts, shape, out);
  expression.to.forEach((operand, i) => {
    if (operand.kind !== "input") context.free(parts[i]!.buffer);
  });
}

/** An expression whose inputs are only those that it reads. */
function withOwnInputs(expression: Expression, inputs: readonly View[]) {
  const needed: View[] = [];
  const places = new Map<number, number>();
  const copies = new Map<Expression, Expression>();
  const visit = (node: Expression): Expression => {
    const known = copies.get(node);
    if (known !== undefined) return known;
    let copy: Expression = node;
    if (node.kind === "input") {
      const index = places.get(node.index) ?? needed.push(inputs[node.index]!) - 1;
      places.set(node.index, index);
      copy = { ...node, index };
    } else if (node.kind === "apply") copy = { ...node, to: node.to.map(visit) };
    copies.set(node, copy);
    return copy;
  };
  return { expression: visit(expression), inputs: needed };
}

/** A view's values row by row: the view itself where they lie so, else a copy, to be freed by `done`. */
export function laid(context: Context, view: View): { readonly view: View; readonly done: () => void } {
  if (isRowByRow(view)) return { view, done: () => {} };
  const { dtype } = view.buffer;
  const buffer = map(context, { kind: "input", index: 0, dtype }, [view], view.shape, dtype);
  blockOf(buffer);
  return { view: whole(buffer, view.shape), done: () => context.free(buffer) };
}

/** Whether elements lie one after another; they need not start at the front. */
function isRowByRow({ shape, strides }: View): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis]!;
  }
  return true;
}
