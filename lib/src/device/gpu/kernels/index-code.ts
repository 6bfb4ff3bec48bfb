import { word } from "../wgsl/program.ts";

/**
 * Lines that take the number `from` of an element apart into its places along axes, whose sizes are parameters from
 * `sizes` on: `name0`, `name1` …
 */
export function unravelled(name: string, from: string, rank: number, sizes: number): string {
  const lines: string[] = [];
  if (rank === 1) lines.push(`let ${name}0 = ${from};`);
  if (rank > 1) lines.push(`var ${name}_rest = ${from};`);
  for (let axis = rank - 1; axis > 0 && rank > 1; axis--) {
    lines.push(`let ${name}${axis} = ${name}_rest % ${word(sizes + axis)};`);
    lines.push(`${name}_rest = ${name}_rest / ${word(sizes + axis)};`);
  }
  if (rank > 1) lines.push(`let ${name}0 = ${name}_rest;`);
  return lines.join("\n  ");
}

/** Where that element lies in an array whose steps are parameters from `strides` on. */
export function offsetOf(name: string, rank: number, strides: number, start: string): string {
  let code = start;
  for (let axis = 0; axis < rank; axis++) code += ` + ${name}${axis} * ${word(strides + axis)}`;
  return `(${code})`;
}
