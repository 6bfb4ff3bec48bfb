import { currentDevice } from "../../device/current.ts";
import type { Shape } from "../../device/device.ts";
import { hostArray } from "../../device/host.ts";
import { tensorOf } from "../../tensor/create.ts";
import { ArgumentError, DeviceError, ShapeError } from "../../tensor/errors.ts";
import { materialise } from "../../tensor/lazy.ts";
import { broadcastShapes, requireShape, showShape, sizeOf } from "../../tensor/shapes.ts";
import { constant, type Tensor, type TensorLike } from "../../tensor/tensor.ts";
import type { Key } from "../key.ts";
import type { Stream } from "../stream.ts";

/**
 * A law of chance, or many side by side: parameters are tensors, which broadcast, or numbers. Where draws are made of
 * the parameters by operations they have gradients with respect to them.
 */
export abstract class Distribution {
  /** The sizes of the distributions side by side. */
  abstract readonly batch: Shape;
  /** The sizes of one draw; `[]` for a number. */
  readonly event: Shape = [];
  /** The expected draw. */
  abstract readonly mean: Tensor;
  /** The expected square of a draw's distance from the mean. */
  abstract readonly variance: Tensor;
  /** Draws `[...shape, ...batch, ...event]`; the same key draws the same. */
  abstract sample(key: Key, shape?: Shape): Tensor;
  /** ln of the density, or of the probability of what is counted; −∞ where nothing can be. */
  abstract logProb(x: TensorLike): Tensor;
  /** The mean of −ln of the density, in nats. */
  abstract entropy(): Tensor;
  /** @internal The divergence from another of the same kind. */
  abstract divergence(other: this): Tensor;
}

/** A distribution of one real number. */
export abstract class RealDistribution extends Distribution {
  /** The probability of at most `x`. */
  abstract cdf(x: TensorLike): Tensor;
  /** Below which a draw lies with that probability: the inverse of `cdf`. */
  abstract quantile(probability: TensorLike): Tensor;
}

/** @internal A parameter as a tensor; a number must be where it may be. */
export function parameter(
  who: string,
  what: string,
  value: TensorLike,
  range: "any" | "positive" | "share" = "any",
): Tensor {
  if (typeof value !== "number") {
    if (value.dtype === "bool") throw new ArgumentError(who, `${what} is made of truth values, expected numbers.`);
    return value.dtype === "int32" ? value.cast("float32") : value;
  }
  const fits = { any: Number.isFinite(value), positive: value > 0, share: value >= 0 && value <= 1 }[range];
  const expected = { any: "a finite number", positive: "a positive number", share: "0 … 1" }[range];
  if (!fits) throw new ArgumentError(who, `${what} is ${value}, expected ${expected}.`);
  return constant(currentDevice(), "float32", value);
}

/** @internal Parameters in the dtype in which they meet; a number keeps all of its digits. */
export function together<P extends readonly Tensor[]>(...parameters: P): P {
  if (!parameters.some(({ dtype }) => dtype === "float64")) return parameters;
  return parameters.map((x) =>
    x.state.kind === "constant" ? constant(x.device, "float64", x.state.value) : x.cast("float64"),
  ) as readonly Tensor[] as P;
}

/** @internal The common shape of parameters. */
export function batchOf(who: string, ...parameters: readonly Tensor[]): Shape {
  return parameters.reduce<Shape>((all, { shape }) => {
    const both = broadcastShapes(all, shape);
    if ("shape" in both) return both.shape;
    const text = `parameters of ${showShape(all)} and ${showShape(shape)} do not broadcast.`;
    throw new ShapeError(who, text, [all, shape]);
  }, []);
}

/** @internal Noise of a shape, on the device and in the dtype of parameters. */
export function noise(key: Key, shape: Shape, parameters: readonly Tensor[], draw: (stream: Stream) => number): Tensor {
  requireShape("sample", shape);
  const { device } = parameters.find(({ state }) => state.kind !== "constant") ?? parameters[0]!;
  const dtype = parameters.some((x) => x.dtype === "float64") ? "float64" : "float32";
  const stream = key.stream();
  const values = hostArray(dtype, sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = draw(stream);
  return tensorOf(values, dtype, shape, device);
}

/** @internal A parameter's values in a shape, for draws that reject some and so need numbers. */
export function valuesNow(who: string, x: Tensor, shape: Shape): ArrayLike<number> {
  const wide = x.broadcastTo(shape);
  if (x.device.peek === undefined) {
    const text = `these draws need the parameters' values, which ${x.device.name} gives by promise only. Move them: await x.to("cpu").`;
    throw new DeviceError(who, text);
  }
  const identity = { kind: "input", index: 0, dtype: wide.dtype } as const;
  return x.device.peek(x.device.map(identity, [materialise(wide)], shape, wide.dtype));
}

/** @internal Inside the support `value`, outside −∞. */
export function within(condition: Tensor, value: Tensor): Tensor {
  return condition.where(value as Tensor<"float32">, Number.NEGATIVE_INFINITY);
}

/** @internal `x` where the condition holds, else `y`. */
export function choose(condition: Tensor, x: TensorLike, y: TensorLike): Tensor {
  return condition.where(x as Tensor<"float32">, y as Tensor<"float32">);
}

/** @internal A point of a distribution as a tensor. */
export function point(x: TensorLike): Tensor {
  return typeof x === "number" ? constant(currentDevice(), "float32", x) : x;
}
