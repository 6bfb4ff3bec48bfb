import { Dropout } from "../../nn/dropout.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Call, Run, Runs } from "./call.ts";
import { dtypeOf } from "./tensors.ts";

const one =
  (of: (x: Tensor, call: Call) => Tensor): Run =>
  (call) =>
    of(call.x(0), call);
const two =
  (of: (x: Tensor, y: Tensor, call: Call) => Tensor): Run =>
  (call) =>
    of(call.x(0), call.x(1), call);
const many =
  (of: (x: Tensor, y: Tensor) => Tensor): Run =>
  (call) =>
    call.all().reduce(of);

const isWhole = (x: Tensor) => x.dtype === "int32";

/** Integers are divided towards zero. */
function divided(x: Tensor, y: Tensor): Tensor {
  if (!isWhole(x) || !isWhole(y)) return x.div(y);
  return x.cast("float64").div(y.cast("float64")).trunc().cast("int32");
}

/** The remainder with the sign of the divisor, or with `fmod` that of the dividend. */
function modulo(x: Tensor, y: Tensor, call: Call): Tensor {
  if (call.int("fmod", 0) === 0) return x.remainder(y);
  const rest = x.abs().remainder(y.abs());
  return x.less(0).where(rest.neg(), rest) as Tensor;
}

function clipped(call: Call): Tensor {
  const x = call.x(0);
  if (call.opset < 11) return x.clamp({ min: call.float("min", -Infinity), max: call.float("max", Infinity) });
  const [min, max] = [call.maybe(1), call.maybe(2)];
  const above = min === null ? x : x.maximum(min);
  return (max === null ? above : above.minimum(max)) as Tensor;
}

/** Before version 13 the axes from `axis` on are one. */
function alongAxis(call: Call, of: (x: Tensor, axis: number) => Tensor): Tensor {
  const x = call.x(0);
  if (call.opset >= 13) return of(x, call.int("axis", -1));
  const axis = call.int("axis", 1);
  const from = axis < 0 ? axis + x.rank : axis;
  return of(x.flatten(from), from).reshape(x.shape);
}

/** Outside of training everything goes through, as in our own nets. */
function dropout(call: Call): Tensor[] {
  const x = call.x(0);
  const rate = call.opset < 12 ? call.float("ratio", 0.5) : (call.maybeNumbers(1)?.[0] ?? 0.5);
  const y = call.training ? new Dropout(rate).forward(x) : x;
  return [y, x.equal(x)];
}

function gelu(x: Tensor, call: Call): Tensor {
  if (call.text("approximate", "none") === "none") return x.gelu();
  return x.mul(0.5).mul(
    x
      .add(x.pow(3).mul(0.044715))
      .mul(Math.sqrt(2 / Math.PI))
      .tanh()
      .add(1),
  );
}

/** Operations on each element by itself. */
export const elementwise: Runs = {
  Abs: one((x) => x.abs()),
  Neg: one((x) => x.neg()),
  Exp: one((x) => x.exp()),
  Log: one((x) => x.log()),
  Sqrt: one((x) => x.sqrt()),
  Reciprocal: one((x) => x.reciprocal()),
  Sin: one((x) => x.sin()),
  Cos: one((x) => x.cos()),
  Tan: one((x) => x.tan()),
  Asin: one((x) => x.asin()),
  Acos: one((x) => x.acos()),
  Atan: one((x) => x.atan()),
  Sinh: one((x) => x.sinh()),
  Cosh: one((x) => x.cosh()),
  Tanh: one((x) => x.tanh()),
  Erf: one((x) => x.erf()),
  Floor: one((x) => x.floor()),
  Ceil: one((x) => x.ceil()),
  Round: one((x) => x.round()),
  Sign: one((x) => x.sign()),
  Sigmoid: one((x) => x.sigmoid()),
  Relu: one((x) => x.relu()),
  Softplus: one((x) => x.softplus()),
  Softsign: one((x) => x.softSign()),
  Mish: one((x) => x.mish()),
  Gelu: one(gelu),
  HardSwish: one((x) => x.mul(x.div(6).add(0.5).clamp({ min: 0, max: 1 }))),
  HardSigmoid: one((x, call) => x.mul(call.float("alpha", 0.2)).add(call.float("beta", 0.5)).clamp({ min: 0, max: 1 })),
  LeakyRelu: one((x, call) => x.leakyRelu(call.float("alpha", 0.01))),
  Elu: one((x, call) => x.elu(call.float("alpha", 1))),
  Selu: one((x, call) => x.elu(call.float("alpha", 1.6732632423543772)).mul(call.float("gamma", 1.0507009873554805))),
  Celu: one((x, call) => {
    const alpha = call.float("alpha", 1);
    return x.greater(0).where(x, x.div(alpha).minimum(0).expm1().mul(alpha)) as Tensor;
  }),
  ThresholdedRelu: one((x, call) => x.greater(call.float("alpha", 1)).where(x, 0) as Tensor),
  PRelu: two((x, slope) => x.less(0).where(x.mul(slope), x) as Tensor),
  Clip: clipped,
  Softmax: (call) => alongAxis(call, (x, axis) => x.softmax(axis)),
  LogSoftmax: (call) => alongAxis(call, (x, axis) => x.logSoftmax(axis)),
  Dropout: dropout,
  Identity: one((x) => x),
  Add: two((x, y) => x.add(y)),
  Sub: two((x, y) => x.sub(y)),
  Mul: two((x, y) => x.mul(y)),
  Div: two(divided),
  Pow: two((x, y) => (isWhole(x) ? x.pow(y).round().cast("int32") : x.pow(y))),
  Mod: two(modulo),
  Min: many((x, y) => x.minimum(y)),
  Max: many((x, y) => x.maximum(y)),
  Sum: many((x, y) => x.add(y)),
  Mean: (call) =>
    call
      .all()
      .reduce((x, y) => x.add(y))
      .div(call.count),
  Equal: two((x, y) => x.equal(y)),
  Less: two((x, y) => x.less(y)),
  LessOrEqual: two((x, y) => x.lessEqual(y)),
  Greater: two((x, y) => x.greater(y)),
  GreaterOrEqual: two((x, y) => x.greaterEqual(y)),
  And: two((x, y) => x.and(y)),
  Or: two((x, y) => x.or(y)),
  Xor: two((x, y) => x.xor(y)),
  Not: one((x) => x.not()),
  IsNaN: one((x) => x.isNaN()),
  IsInf: one((x) => x.isFinite().or(x.isNaN()).not()),
  Where: (call) => call.x(0).where(call.x(1) as Tensor<"float32">, call.x(2) as Tensor<"float32">) as Tensor,
  Cast: one((x, call) => x.cast(dtypeOf(call.int("to"), call.who)) as Tensor),
  CastLike: two((x, y) => x.cast(y.dtype) as Tensor),
};
