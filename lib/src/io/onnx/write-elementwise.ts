import { kindOf } from "./tensors.ts";
import type { Write, Writes, Writing } from "./writing.ts";

const same =
  (opType: string): Write =>
  (w) =>
    w.add(opType, w.all());
const truths =
  (opType: string): Write =>
  (w) =>
    w.add(
      opType,
      w.inputs.map((_, i) => w.as(i, "bool")),
    );

function remainder(w: Writing): string {
  const [x, y] = w.all() as [string, string];
  if (w.output.dtype === "int32") return w.add("Mod", [x, y]);
  return w.add("Sub", [x, w.add("Mul", [y, w.add("Floor", [w.add("Div", [x, y])])])]);
}

function finite(w: Writing): string {
  const x = w.x(0);
  return w.add("Not", [w.add("Or", [w.add("IsInf", [x]), w.add("IsNaN", [x])])]);
}

/** Towards zero. */
const truncated = (w: Writing): string =>
  w.add("Mul", [w.add("Sign", [w.x(0)]), w.add("Floor", [w.add("Abs", [w.x(0)])])]);

function clamp(w: Writing): string {
  const { min, max } = w.options as { readonly min?: number; readonly max?: number };
  const bound = (value: number | undefined) => (value === undefined ? "" : w.number(value));
  return w.add("Clip", max === undefined ? [w.x(0), bound(min)] : [w.x(0), bound(min), bound(max)]);
}

/** Operations on each element by itself. */
export const writeElementwise: Writes = {
  identity: same("Identity"),
  cast: (w) => w.add("Cast", [w.x(0)], { to: kindOf[w.output.dtype] }),
  add: same("Add"),
  sub: same("Sub"),
  mul: same("Mul"),
  div: same("Div"),
  pow: same("Pow"),
  remainder,
  minimum: same("Min"),
  maximum: same("Max"),
  neg: same("Neg"),
  abs: same("Abs"),
  sign: same("Sign"),
  where: (w) => w.add("Where", [w.as(0, "bool"), w.x(1), w.x(2)]),
  less: same("Less"),
  lessEqual: same("LessOrEqual"),
  greater: same("Greater"),
  greaterEqual: same("GreaterOrEqual"),
  equal: same("Equal"),
  notEqual: (w) => w.add("Not", [w.add("Equal", w.all())]),
  and: truths("And"),
  or: truths("Or"),
  xor: truths("Xor"),
  not: truths("Not"),
  isNaN: same("IsNaN"),
  isFinite: finite,
  tanh: same("Tanh"),
  sigmoid: same("Sigmoid"),
  relu: same("Relu"),
  exp: same("Exp"),
  expm1: (w) => w.add("Sub", [w.add("Exp", [w.x(0)]), w.number(1)]),
  log: same("Log"),
  log1p: (w) => w.add("Log", [w.add("Add", [w.x(0), w.number(1)])]),
  log2: (w) => w.add("Mul", [w.add("Log", [w.x(0)]), w.number(Math.LOG2E)]),
  sqrt: same("Sqrt"),
  rsqrt: (w) => w.add("Reciprocal", [w.add("Sqrt", [w.x(0)])]),
  floor: same("Floor"),
  ceil: same("Ceil"),
  round: same("Round"),
  trunc: truncated,
  erf: same("Erf"),
  erfc: (w) => w.add("Sub", [w.number(1), w.add("Erf", [w.x(0)])]),
  sin: same("Sin"),
  cos: same("Cos"),
  tan: same("Tan"),
  asin: same("Asin"),
  acos: same("Acos"),
  atan: same("Atan"),
  sinh: same("Sinh"),
  cosh: same("Cosh"),
  softplus: same("Softplus"),
  softSign: same("Softsign"),
  selu: same("Selu"),
  elu: (w) => w.add("Elu", w.all(), { alpha: { float: (w.options as number | undefined) ?? 1 } }),
  leakyRelu: (w) => w.add("LeakyRelu", w.all(), { alpha: { float: (w.options as number | undefined) ?? 0.01 } }),
  clamp,
};
