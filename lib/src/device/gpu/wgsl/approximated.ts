import { approximations } from "../../cpu/vector/approximations.ts";
import { type Instruction, VectorCode } from "../../cpu/vector/code.ts";

const f = (value: number) => `bitcast<f32>(v${value})`;
const bits = (float: string) => `bitcast<u32>(${float})`;
const mask = (condition: string) => `select(0u, 0xffffffffu, ${condition})`;

/** One instruction as an expression on the bits of values. */
function text(instruction: Instruction): string {
  const { op } = instruction;
  if (op === "constant") return `${instruction.bits >>> 0}u`;
  if (op === "stream") return bits("x");
  if (op === "common") throw new Error("an approximation reads one value");
  const [a, b, c] = instruction.of as readonly [number, number, number];
  switch (op) {
    case "sqrt":
    case "ceil":
    case "floor":
    case "trunc":
    case "abs":
      return bits(`${op}(${f(a)})`);
    case "nearest":
      return bits(`round(${f(a)})`);
    case "neg":
      return `v${a} ^ 0x80000000u`;
    case "not":
      return `~v${a}`;
    case "fromInt":
      return bits(`f32(bitcast<i32>(v${a}))`);
    case "toBiased":
      return bits(`i32(round(${f(a)} * ${f(b)})) + ${instruction.bias}`);
    case "fromBiased":
      return bits(`f32(bitcast<i32>(v${a}) - ${instruction.bias})`);
    case "add":
      return bits(`${f(a)} + ${f(b)}`);
    case "sub":
      return bits(`${f(a)} - ${f(b)}`);
    case "mul":
      return bits(`${f(a)} * ${f(b)}`);
    case "div":
      return bits(`${f(a)} / ${f(b)}`);
    case "min":
      return bits(`s_minimum(${f(a)}, ${f(b)})`);
    case "max":
      return bits(`s_maximum(${f(a)}, ${f(b)})`);
    case "pmin":
      return `select(v${a}, v${b}, ${f(b)} < ${f(a)})`;
    case "pmax":
      return `select(v${a}, v${b}, ${f(a)} < ${f(b)})`;
    case "equal":
      return mask(`${f(a)} == ${f(b)}`);
    case "notEqual":
      return mask(`!(${f(a)} == ${f(b)})`);
    case "less":
      return mask(`${f(a)} < ${f(b)}`);
    case "lessEqual":
      return mask(`${f(a)} <= ${f(b)}`);
    case "and":
      return `v${a} & v${b}`;
    case "andNot":
      return `v${a} & ~v${b}`;
    case "or":
      return `v${a} | v${b}`;
    case "xor":
      return `v${a} ^ v${b}`;
    case "addInt":
      return `v${a} + v${b}`;
    case "subInt":
      return `v${a} - v${b}`;
    case "shl":
      return `v${a} << ${instruction.by}u`;
    case "shr":
      return bits(`bitcast<i32>(v${a}) >> ${instruction.by}u`);
    case "multiplyAdd":
      return bits(`${f(a)} * ${f(b)} + ${f(c)}`);
    case "select":
      return `select(v${c}, v${b}, v${a} != 0u)`;
  }
}

/**
 * The CPU device's approximations of transcendental functions as functions in WGSL: built-in ones may be off by far more
 * (log near 1, tanh of large numbers), and know no infinities on some drivers.
 */
export const approximated: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(approximations).map(([name, write]) => {
    const code = new VectorCode();
    const result = write(code, code.stream(0));
    const lines = code.instructions.map((instruction, i) => `  let v${i}: u32 = ${text(instruction)};`);
    const body = `fn s_${name}(x: f32) -> f32 {\n${lines.join("\n")}\n  return bitcast<f32>(v${result.index});\n}`;
    return [`s_${name}`, body];
  }),
);
