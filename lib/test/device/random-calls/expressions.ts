import type { DType, Expression, Scalar } from "../../../src/device/device.ts";
import type { Random } from "./random.ts";

const floating = [
  ...["neg", "abs", "sign", "floor", "ceil", "round", "trunc", "sqrt", "relu"],
  ...["add", "sub", "mul", "div", "minimum", "maximum", "where", "cast"],
] as const;
/** What vectors approximate in single precision. */
export const approximated = [
  ...["exp", "expm1", "log", "log1p", "log2", "tanh", "sigmoid", "sinh", "cosh", "erf", "erfc"],
] as const;
const slow = [
  ...["sin", "cos", "tan", "asin", "acos", "atan", "erfInv", "lgamma"],
  ...["pow", "remainder", "atan2", "polygamma"],
] as const;
const integral = [
  ...["neg", "abs", "sign", "add", "sub", "mul", "remainder", "minimum", "maximum", "relu", "where", "cast"],
] as const;
const logical = ["isNaN", "isFinite", "not", "less", "lessEqual", "equal", "and", "or", "where", "cast"] as const;
const ofTwo: ReadonlySet<Scalar> = new Set([
  ...(["add", "sub", "mul", "div", "pow", "remainder", "minimum", "maximum", "atan2", "polygamma"] as const),
  ...(["less", "lessEqual", "equal", "and", "or"] as const),
]);
const constants = [0, -0, 1, -2.5, 0.1, 3, Number.NaN, Infinity, -Infinity, 1e-40, 1e10];

export const constant = (value: number, dtype: DType): Expression => ({ kind: "constant", value, dtype });
export const input = (index: number, dtype: DType): Expression => ({ kind: "input", index, dtype });
export const apply = (scalar: Scalar, dtype: DType, ...to: Expression[]): Expression => ({
  kind: "apply",
  scalar,
  to,
  dtype,
});

interface Given {
  /** The dtypes of the inputs. */
  readonly inputs: readonly DType[];
  /** Whether functions that vectors approximate may be applied to float32, and those of which only JavaScript knows. */
  readonly approximate: boolean;
  readonly slow: boolean;
}

/** A random expression of a dtype; nodes may be used twice. */
export function expression(random: Random, dtype: DType, depth: number, given: Given): Expression {
  const made: Expression[] = [];
  const make = (dtype: DType, depth: number): Expression => {
    const node = depth <= 0 || random.chance(0.15) ? leaf(dtype) : applied(dtype, depth - 1);
    made.push(node);
    return node;
  };
  const leaf = (dtype: DType): Expression => {
    const fitting = given.inputs.flatMap((each, i) => (each === dtype ? [i] : []));
    if (fitting.length > 0 && random.chance(0.85)) return input(random.pick(fitting), dtype);
    const again = made.filter((node) => node.dtype === dtype);
    if (again.length > 0 && random.chance(0.3)) return random.pick(again);
    if (given.inputs.length > 0 && random.chance(0.5)) {
      const index = random.below(given.inputs.length);
      return apply("cast", dtype, input(index, given.inputs[index]!));
    }
    const value = random.pick(constants);
    return constant(dtype === "bool" ? Number(value > 0) : dtype === "int32" ? Math.trunc(value) | 0 : value, dtype);
  };
  const scalarOf = (dtype: DType): Scalar => {
    if (dtype === "bool") return random.pick(logical);
    if (dtype === "int32") return random.pick(integral);
    if ((given.approximate || dtype === "float64") && random.chance(0.25)) return random.pick(approximated);
    return given.slow && random.chance(0.25) ? random.pick(slow) : random.pick(floating);
  };
  const any = (): DType => random.pick(["float32", "float32", ...given.inputs]);
  const applied = (dtype: DType, depth: number): Expression => {
    const scalar = scalarOf(dtype);
    if (scalar === "where")
      return apply(
        scalar,
        dtype,
        make(random.chance(0.8) ? "bool" : any(), depth),
        make(dtype, depth),
        make(dtype, depth),
      );
    if (scalar === "polygamma") return apply(scalar, dtype, constant(random.below(4), dtype), make(dtype, depth));
    const of = dtype === "bool" || scalar === "cast" ? any() : dtype;
    return apply(scalar, dtype, make(of, depth), ...(ofTwo.has(scalar) ? [make(of, depth)] : []));
  };
  return make(dtype, depth);
}

/** Whether vectors approximate the function at the root of an expression. */
export const isApproximated = (node: Expression): node is Expression & { kind: "apply" } =>
  node.kind === "apply" && node.dtype === "float32" && (approximated as readonly Scalar[]).includes(node.scalar);

/** Whether they do somewhere in it. */
export const isApproximate = (node: Expression): boolean =>
  isApproximated(node) || (node.kind === "apply" && node.to.some(isApproximate));

/** How it reads, for a report. */
export function show(node: Expression): string {
  if (node.kind === "input") return `x${node.index}`;
  if (node.kind === "constant") return `${Object.is(node.value, -0) ? "-0" : node.value}:${node.dtype}`;
  return `${node.scalar}:${node.dtype}(${node.to.map(show).join(", ")})`;
}
