import type { Expression, Scalar } from "../../device.ts";
import { helpers, spoken } from "./scalars.ts";

/** Axes that a kernel of gpu.js can have. */
export const MOST_AXES = 3;
const threads = ["this.thread.x", "this.thread.y", "this.thread.z"] as const;

/** What gpu.js compiles: a function's text, the types of its arguments in their order, and the helpers that it calls. */
export interface KernelText {
  readonly source: string;
  readonly arguments: Readonly<Record<string, "WebGPUBuffer" | "Float" | "Integer">>;
  readonly helpers: readonly Scalar[];
}

/** Names of arguments: the arrays, the constants, and each array's start and steps, from the innermost axis. */
export const names = {
  array: (input: number) => `a${input}`,
  constant: (number: number) => `k${number}`,
  start: (input: number) => `o${input}`,
  step: (input: number, fromInnermost: number) => `s${input}${"xyz"[fromInnermost]}`,
};

/** Whether gpu.js computes all of an expression as the reference does. */
export function isSpoken(expression: Expression): boolean {
  const seen = new Set<Expression>();
  const visit = (node: Expression): boolean => {
    if (seen.has(node)) return true;
    seen.add(node);
    if (node.dtype !== "float32" && node.dtype !== "bool") return false;
    if (node.kind !== "apply") return true;
    const dtypes = node.to.map(({ dtype }) => dtype);
    return spoken(node.scalar, dtypes, node.dtype) !== undefined && node.to.every(visit);
  };
  return visit(expression);
}

/** An elementwise expression as the JavaScript that gpu.js compiles; the axes are those of the arrays walked together. */
export function kernelText(expression: Expression, inputs: number, axes: number): KernelText {
  const lines: string[] = [];
  const known = new Map<Expression, string>();
  const used = new Set<Scalar>();
  let constants = 0;
  const write = (node: Expression): string => {
    const name = known.get(node);
    if (name !== undefined) return name;
    let code: string;
    if (node.kind === "input") code = element(node.index, axes);
    else if (node.kind === "constant") code = names.constant(constants++);
    else {
      const to = node.to.map(write) as [string, string, string];
      if (helpers[node.scalar] !== undefined) used.add(node.scalar);
      const dtypes = node.to.map(({ dtype }) => dtype);
      code = spoken(node.scalar, dtypes, node.dtype)!(...to);
    }
    const fresh = `t${known.size}`;
    lines.push(`const ${fresh} = ${code};`);
    known.set(node, fresh);
    return fresh;
  };
  const result = write(expression);
  const types: Record<string, "WebGPUBuffer" | "Float" | "Integer"> = {};
  for (let i = 0; i < inputs; i++) types[names.array(i)] = "WebGPUBuffer";
  for (let i = 0; i < constants; i++) types[names.constant(i)] = "Float";
  for (let i = 0; i < inputs; i++) {
    types[names.start(i)] = "Integer";
    for (let axis = 0; axis < axes; axis++) types[names.step(i, axis)] = "Integer";
  }
  return {
    source: `function(${Object.keys(types).join(", ")}) {\n${lines.join("\n")}\nreturn ${result};\n}`,
    arguments: types,
    helpers: [...used],
  };
}

function element(input: number, axes: number): string {
  const steps = Array.from({ length: axes }, (_, axis) => ` + ${threads[axis]} * ${names.step(input, axis)}`);
  return `${names.array(input)}[${names.start(input)}${steps.join("")}]`;
}
