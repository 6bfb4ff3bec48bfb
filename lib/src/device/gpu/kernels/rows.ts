import { describe, visitAll } from "../../cpu/vector/describe.ts";
import type { DType, Expression, RowBuffers, RowProgram, Shape, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import type { Context } from "../context.ts";
import { MOST_WORDS, type Source } from "../launcher.ts";
import { joined } from "../layout.ts";
import { ExpressionWriter, loaded, stored } from "../wgsl/expression.ts";
import { groupsFor, groupsOf, perElement, perGroup, word } from "../wgsl/program.ts";
import { constantCode, constantWord } from "./constants.ts";
import { offsetOf, unravelled } from "./index-code.ts";
import { buffersOf } from "./map.ts";

/** Threads that share a row. */
const TEAM = 64;
/** Rows up to this length are done by one thread each, if there are many. */
const SHORT = 32;

/** Where threads are emulated, each waits dearly for the others: rows up to this length are done alone there. */
const LONG = 4096;

type Constant = Expression & { readonly kind: "constant" };
/** Who does what: a thread for each element, where nothing is folded, one for each row, or a team for each. */
type Flavour = "elements" | "alone" | "team";

interface How {
  readonly program: RowProgram;
  readonly inputs: readonly DType[];
  readonly outputs: readonly DType[];
  /** Axes that lead to a row. */
  readonly rank: number;
  readonly constants: ReadonlyMap<Expression, number>;
}

/** A row program in one go; undefined where it folds positions, or takes more arrays than the GPU binds. */
export function rows(
  context: Context,
  program: RowProgram,
  inputs: readonly View[],
  shape: Shape,
): RowBuffers | undefined {
  const { elements, folds, beside = false } = program;
  const columns = shape.at(-1)!;
  const count = sizeOf(shape.slice(0, -1));
  const arrays = (beside ? 1 : elements.length) + program.rows.length;
  const walk = joined(
    shape.slice(0, -1),
    inputs.map(({ strides }) => strides.slice(0, -1)),
  );
  const rank = walk.shape.length;
  const constants = constantsOf(program);
  const length = 2 + rank + inputs.length * (2 + rank) + constants.length;
  const positions = folds.some(({ by }) => by === "argmax" || by === "argmin");
  if (positions || count * columns === 0 || inputs.length + arrays > context.mostReads + 1 || length > MOST_WORDS)
    return undefined;
  const results = beside
    ? [context.make(elements[0]!.dtype, count * columns * elements.length)]
    : elements.map(({ dtype }) => context.make(dtype, count * columns));
  const each = program.rows.map(({ dtype }) => context.make(dtype, count));
  const outputs = [...results, ...each];
  const words = [0, columns, ...walk.shape];
  inputs.forEach((view, i) => {
    words.push(view.offset, ...walk.strides[i]!, view.strides.at(-1)!);
  });
  words.push(...constants.map(constantWord));
  const dear = context.software && (count >= 64 || columns <= LONG);
  const alone = dear || (columns <= SHORT && count >= 256);
  const flavour: Flavour = folds.length === 0 && program.rows.length === 0 ? "elements" : alone ? "alone" : "team";
  const threads = flavour === "elements" ? count * columns : count;
  words[0] = threads;
  const { key } = describe(
    program,
    inputs.map(() => "element"),
  );
  const source = () =>
    written(flavour, {
      program,
      inputs: inputs.map(({ buffer }) => buffer.dtype),
      outputs: outputs.map(({ dtype }) => dtype),
      rank,
      constants: new Map(constants.map((constant, i) => [constant, i])),
    });
  const groups = flavour === "team" ? groupsOf(count) : groupsFor(threads);
  context.run(`rows ${flavour} ${beside} ${rank} ${key}`, source, words, buffersOf(inputs), outputs, groups);
  return { elements: results, rows: each };
}

/** The constants in the order in which `describe` meets them. */
function constantsOf(program: RowProgram): Constant[] {
  const found: Constant[] = [];
  visitAll(program, (node) => {
    if (node.kind === "constant") found.push(node);
  });
  return found;
}

function written(flavour: Flavour, how: How): Source {
  const { inputs: reads, outputs: writes, rank } = how;
  const row = flavour === "elements" ? `(i / ${word(1)})` : flavour === "alone" ? "i" : "group";
  const starts = reads.map((_, i) => {
    const at = 2 + rank + i * (2 + rank);
    return `let start${i} = ${offsetOf("k", rank, at + 1, word(at))};`;
  });
  const head = [`let row = ${row};`, unravelled("k", "row", rank, 2), ...starts].join("\n  ");
  if (flavour === "elements")
    return perElement({ reads, writes, body: `${head}\n  let c = i % ${word(1)};\n  ${results(how)}` });
  const [first, step] = flavour === "team" ? ["t", String(TEAM)] : ["0", "1"];
  const loop = (body: string) => `for (var c = ${first}; c < ${word(1)}; c = c + ${step}) {\n    ${body}\n  }`;
  const folds = how.program.folds.map(({ by, of }, i) => {
    const start = by === "sum" ? "0.0" : "-infinity()";
    const join = (a: string, b: string) => (by === "sum" ? `${a} + ${b}` : `s_maximum(${a}, ${b})`);
    const writer = writerOf(how);
    const value = writer.write(of);
    // Sums are taken in pieces, which rounds less.
    const own = `var some${i} = ${start};
  var total${i} = ${start};
  ${loop(`${writer.lines.join("\n    ")}
    some${i} = ${join(`some${i}`, value)};
    if ((c & 63) == 63) { total${i} = ${join(`total${i}`, `some${i}`)}; some${i} = ${start}; }`)}
  total${i} = ${join(`total${i}`, `some${i}`)};`;
    if (flavour === "alone") return `${own}\n  let fold${i} = total${i};`;
    return `${own}
  shared_values[t] = total${i};
  workgroupBarrier();
  for (var half = ${TEAM / 2}; half > 0; half = half / 2) {
    if (t < half) { shared_values[t] = ${join("shared_values[t]", "shared_values[t + half]")}; }
    workgroupBarrier();
  }
  let fold${i} = shared_values[0];
  workgroupBarrier();`;
  });
  const each = how.program.rows.map((node, i) => {
    const writer = writerOf(how);
    const value = writer.write(node);
    const place = writes.length - how.program.rows.length + i;
    const body = `${writer.lines.join("\n    ")}\n    Y${place}[row] = ${stored(node.dtype, value)};`;
    return flavour === "team" ? `if (t == 0) {\n    ${body}\n  }` : `{\n    ${body}\n  }`;
  });
  const elements = how.program.elements.length > 0 ? loop(results(how)) : "";
  const body = [head, ...folds, ...each, elements].join("\n  ");
  if (flavour === "alone") return perElement({ reads, writes, body });
  return perGroup(TEAM, { reads, writes, outside: `var<workgroup> shared_values: array<f32, ${TEAM}>;`, body });
}

/** Inputs are elements at column `c` of the row, and after them the folds so far. */
function writerOf({ inputs, rank, constants }: How): ExpressionWriter {
  const at = 2 + rank + inputs.length * (2 + rank);
  return new ExpressionWriter({
    input: (index, dtype) => {
      if (index >= inputs.length) return `fold${index - inputs.length}`;
      const step = 2 + rank + index * (2 + rank) + 1 + rank;
      return loaded(dtype, `A${index}[start${index} + c * ${word(step)}]`);
    },
    constant: (_, dtype, node) => constantCode(at + constants.get(node)!, dtype),
  });
}

/** Lines that write every result of the element at column `c`. */
function results(how: How): string {
  const { elements, beside = false } = how.program;
  const writer = writerOf(how);
  const writes = elements.map((node, i) => {
    const value = stored(node.dtype, writer.write(node));
    if (!beside) return `Y${i}[row * ${word(1)} + c] = ${value};`;
    return `Y0[(row * ${elements.length} + ${i}) * ${word(1)} + c] = ${value};`;
  });
  return [...writer.lines, ...writes].join("\n    ");
}
