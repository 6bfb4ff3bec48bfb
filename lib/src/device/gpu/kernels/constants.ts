import type { DType, Expression } from "../../device.ts";
import { bitsOf, floatWord, word } from "../wgsl/program.ts";

/** The constants of an expression in the order of `describe`. */
export function constantsOf(expression: Expression): (Expression & { kind: "constant" })[] {
  const seen = new Set<Expression>();
  const constants: (Expression & { kind: "constant" })[] = [];
  const visit = (node: Expression): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === "constant") constants.push(node);
    else if (node.kind === "apply") node.to.forEach(visit);
  };
  visit(expression);
  return constants;
}

/** A constant rounded to its dtype, as parameters hold it. */
export function constantWord({ value, dtype }: { readonly value: number; readonly dtype: DType }): number {
  if (dtype === "int32") return Math.trunc(value) | 0;
  return dtype === "bool" ? Number(value !== 0) : bitsOf(value);
}

/** A constant in a program. */
export function constantCode(place: number, dtype: DType): string {
  if (dtype === "int32") return word(place);
  return dtype === "bool" ? `(${word(place)} != 0)` : floatWord(place);
}
