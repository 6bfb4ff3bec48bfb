import type { DType, Expression, Scalar } from "../../device.ts";
import { isFunction } from "./functions.ts";

/** A dtype as a value of WGSL, and as it lies in memory: a truth value is a float there, 0 or 1. */
export const valueType = (dtype: DType) => (dtype === "int32" ? "i32" : dtype === "bool" ? "bool" : "f32");
export const storedType = (dtype: DType) => (dtype === "int32" ? "i32" : "f32");

/** What lies in memory as a value, and the other way round. */
export const loaded = (dtype: DType, element: string) => (dtype === "bool" ? `(${element} != 0.0)` : element);
export const stored = (dtype: DType, value: string) => (dtype === "bool" ? `select(0.0, 1.0, ${value})` : value);

interface Typed {
  readonly code: string;
  readonly dtype: DType;
}

/** A value as one of another dtype, rounded as the reference does. */
function as(dtype: DType, { code, dtype: from }: Typed): string {
  if (dtype === from) return code;
  if (dtype === "bool") return from === "int32" ? `(${code} != 0)` : `is_true(${code})`;
  if (dtype === "int32") return from === "bool" ? `select(0, 1, ${code})` : `to_int(${code})`;
  return from === "bool" ? `select(0.0, 1.0, ${code})` : `f32(${code})`;
}

const comparisons: { readonly [S in Scalar]?: string } = { less: "<", lessEqual: "<=", equal: "==" };

/** A scalar function of values as one of the dtype of its result. */
function applied(scalar: Scalar, to: readonly Typed[], dtype: DType): string {
  const [a, b, c] = to as readonly [Typed, Typed, Typed];
  const truth = (code: string) => as(dtype, { code, dtype: "bool" });
  switch (scalar) {
    case "cast":
      return as(dtype, a);
    case "where":
      return `select(${as(dtype, c)}, ${as(dtype, b)}, ${as("bool", a)})`;
    case "not":
      return truth(`!${as("bool", a)}`);
    case "and":
    case "or":
      return truth(`(${as("bool", a)} ${scalar === "and" ? "&&" : "||"} ${as("bool", b)})`);
    case "isNaN":
      return truth(a.dtype === "float32" ? `is_nan(${a.code})` : "false");
    case "isFinite":
      return truth(a.dtype === "float32" ? `is_finite(${a.code})` : "true");
    default: {
      const whole = to.every((value) => value.dtype === "int32");
      const comparison = comparisons[scalar];
      const inside: DType = whole && (comparison !== undefined || isFunction(`i_${scalar}`)) ? "int32" : "float32";
      const values = to.map((value) => as(inside, value));
      if (comparison !== undefined) return truth(`(${values.join(` ${comparison} `)})`);
      const code = `${inside === "int32" ? "i" : "s"}_${scalar}(${values.join(", ")})`;
      return as(dtype, { code, dtype: inside });
    }
  }
}

/** Where the inputs and the constants of an expression come from. */
export interface Leaves {
  readonly input: (index: number, dtype: DType) => string;
  /** The constants are numbered in the order in which they are met. */
  readonly constant: (number: number, dtype: DType, node: Expression) => string;
}

/** Writes expressions as lines of WGSL, each node once; the nodes are met in the order of `describe`. */
export class ExpressionWriter {
  readonly lines: string[] = [];
  readonly #names = new Map<Expression, string>();
  readonly #leaves: Leaves;
  #constants = 0;

  constructor(leaves: Leaves) {
    this.#leaves = leaves;
  }

  /** The name of an expression's value, which has the expression's dtype. */
  write(node: Expression): string {
    const known = this.#names.get(node);
    if (known !== undefined) return known;
    const code = this.#code(node);
    const name = `t${this.#names.size}`;
    this.lines.push(`let ${name}: ${valueType(node.dtype)} = ${code};`);
    this.#names.set(node, name);
    return name;
  }

  #code(node: Expression): string {
    if (node.kind === "input") return this.#leaves.input(node.index, node.dtype);
    if (node.kind === "constant") return this.#leaves.constant(this.#constants++, node.dtype, node);
    const to = node.to.map((operand) => ({ code: this.write(operand), dtype: operand.dtype }));
    return applied(node.scalar, to, node.dtype);
  }
}
