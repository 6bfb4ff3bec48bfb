import type { Shape } from "../device/device.ts";
import type { Key } from "../random/key.ts";
import { full } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Draws the first values of a parameter. */
export type Initialiser = (shape: Shape, key: Key) => Tensor<"float32">;

export const zerosInit: Initialiser = (shape) => full(shape, 0);
export const onesInit: Initialiser = (shape) => full(shape, 1);

/** The same value everywhere. */
export function constantInit(value: number): Initialiser {
  return (shape) => full(shape, value);
}

/** Uniform in ±bound. */
export function uniformInit(bound: number): Initialiser {
  return (shape, key) => key.uniform(shape, { low: -bound, high: bound });
}

/** Uniform in ±1/√fan-in, PyTorch's default; fan-in counts what feeds one unit. */
export function fanInUniform(fanIn: number): Initialiser {
  return uniformInit(1 / Math.sqrt(fanIn));
}

/** Uniform with variance 2 / (fan-in + fan-out) (Glorot and Bengio, AISTATS 2010). */
export function glorotUniform(fanIn: number, fanOut: number): Initialiser {
  return uniformInit(Math.sqrt(6 / (fanIn + fanOut)));
}

/** Normal with variance 2 / fan-in, for rectifiers (He et al., ICCV 2015). */
export function heNormal(fanIn: number): Initialiser {
  return (shape, key) => key.normal(shape, { std: Math.sqrt(2 / fanIn) });
}
