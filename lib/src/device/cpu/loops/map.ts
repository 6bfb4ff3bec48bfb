import type { DType, Expression, Shape, TypedArray, View } from "../../device.ts";
import { scalarsOf } from "../../scalars-of.ts";
import { sizeOf } from "../../size.ts";
import { arrayToFill } from "../arrays.ts";
import { valuesOf } from "../buffer.ts";
import { roundTo, scalars } from "../plain/scalars.ts";
import { collapse, type Layout } from "./layout.ts";
import { type Constant, statements, structureOf } from "./source.ts";

type Loop = (
  out: TypedArray,
  inputs: readonly TypedArray[],
  offsets: readonly number[],
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  constants: readonly number[],
) => void;

const compiled = new Map<string, Loop>();

/** Elementwise runs as generated JavaScript loops, one for each structure of expression and layout. */
export function map(expression: Expression, inputs: readonly View[], shape: Shape, dtype: DType): TypedArray {
  const size = sizeOf(shape);
  const out = arrayToFill(dtype, size);
  if (expression.kind === "constant") return out.fill(roundTo(expression.value, dtype));
  if (size === 0) return out;
  const layout = collapse(
    shape,
    inputs.map((view) => view.strides),
  );
  const rank = layout.shape.length;
  // The innermost stride decides how an operand is read: one by one, once per row, or with a step.
  const steps = layout.strides.map((strides) => Math.min(2, strides[rank - 1]! < 0 ? 2 : strides[rank - 1]!)).join("");
  const { key: structure, constants } = structureOf(expression);
  const key = `${structure}|${steps}|${rank}`;
  let loop = compiled.get(key);
  if (loop === undefined) {
    loop = compile(expression, constants, layout, rank);
    compiled.set(key, loop);
  }
  loop(
    out,
    inputs.map((view) => valuesOf(view.buffer)),
    inputs.map((view) => view.offset),
    layout.shape,
    layout.strides,
    constants.map(({ value, dtype }) => roundTo(value, dtype)),
  );
  return out;
}

function compile(expression: Expression, constants: readonly Constant[], layout: Layout, rank: number): Loop {
  const inputs = layout.strides.map((strides, k) => ({ k, step: strides[rank - 1]! }));
  const { code, result } = statements(expression);
  const inner = rank - 1;
  const head = [
    ...inputs.map(({ k }) => `const a${k} = inputs[${k}]; let p${k} = offsets[${k}];`),
    ...inputs.flatMap(({ k }) => layout.shape.map((_, d) => `const s${k}_${d} = strides[${k}][${d}];`)),
    ...layout.shape.map((_, d) => `const n${d} = shape[${d}];`),
    ...constants.map(
      ({ dtype }, i) => `const k${i} = ${dtype === "float32" ? `fround(constants[${i}])` : `constants[${i}]`};`,
    ),
    "let o = 0;",
  ];
  const open: string[] = [];
  const close: string[] = [];
  for (let d = 0; d < inner; d++) {
    open.push(`for (let i${d} = 0; i${d} < n${d}; i${d}++) {`);
    close.unshift(`${inputs.map(({ k }) => `p${k} += s${k}_${d} - s${k}_${d + 1} * n${d + 1};`).join(" ")} }`);
  }
  const loads = inputs.map(({ k, step }) => {
    if (step === 0) return { before: `const x${k} = a${k}[p${k}];`, inside: "", after: "" };
    if (step === 1)
      return {
        before: `const q${k} = p${k};`,
        inside: `const x${k} = a${k}[q${k} + j];`,
        after: `p${k} += n${inner};`,
      };
    return { before: "", inside: `const x${k} = a${k}[p${k}]; p${k} += s${k}_${inner};`, after: "" };
  });
  const body = [
    ...loads.map((load) => load.before),
    `for (let j = 0; j < n${inner}; j++) {`,
    ...loads.map((load) => load.inside),
    code,
    `out[o + j] = ${result};`,
    "}",
    `o += n${inner};`,
    ...loads.map((load) => load.after),
  ];
  const source = ["const fround = Math.fround;", ...head, ...open, ...body, ...close].filter(Boolean).join("\n");
  const build = new Function(
    "scalars",
    `return function ${nameOf(expression)}(out, inputs, offsets, shape, strides, constants) {\n${source}\n}`,
  );
  return build(scalars) as Loop;
}

/** What a profile calls the loop: its scalar functions in order. */
const nameOf = (expression: Expression) => `map_${scalarsOf(expression).join("_") || "copy"}`;
