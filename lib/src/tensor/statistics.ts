import type { Shape, TypedArray } from "../device/device.ts";
import { materialise } from "./lazy.ts";
import { sizeOf } from "./shapes.ts";
import type { Tensor } from "./tensor.ts";

/** More values than these are not looked at: a cell should not take seconds to show what it made. */
const most = 2 ** 22;

/** Values of a tensor, row by row: all of them, or of a large tensor every so many along each axis. */
export interface Sample {
  readonly values: TypedArray;
  readonly shape: Shape;
  /** How far apart the values are, along each axis. */
  readonly steps: readonly number[];
}

/** Reads values, of a large tensor a few million that lie evenly. */
export async function sampleOf(tensor: Tensor): Promise<Sample> {
  const view = materialise(tensor);
  const steps = tensor.shape.map(() => 1);
  const shapeNow = () => tensor.shape.map((n, axis) => Math.ceil(n / steps[axis]!));
  let shape = shapeNow();
  while (sizeOf(shape) > most) {
    const longest = shape.indexOf(Math.max(...shape));
    steps[longest]! *= 2;
    shape = shapeNow();
  }
  if (steps.every((step) => step === 1)) return { values: await tensor.data(), shape, steps };
  const strides = view.strides.map((stride, axis) => stride * steps[axis]!);
  const identity = { kind: "input", index: 0, dtype: tensor.dtype } as const;
  const buffer = tensor.device.map(identity, [{ ...view, shape, strides }], shape, tensor.dtype);
  return { values: await tensor.device.read(buffer), shape, steps };
}

/** What values are like, those that are not finite left aside. */
export interface Statistics {
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  readonly spread: number;
  readonly finite: number;
  readonly notFinite: number;
}

export function statisticsOf(values: TypedArray): Statistics {
  let [low, high, sum, squares, finite] = [Infinity, -Infinity, 0, 0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
    sum += value;
    squares += value * value;
    finite++;
  }
  const mean = sum / finite;
  const spread = Math.sqrt(Math.max(0, squares / finite - mean * mean));
  return { low, high, mean, spread, finite, notFinite: values.length - finite };
}

/** How many of the finite values lie in each of so many equal parts of the range; whole numbers get bins of their own. */
export function binned(values: TypedArray, { low, high }: Statistics, whole: boolean, bins = 40): number[] {
  const span = high - low;
  const count = whole && span < bins ? span + 1 : bins;
  const counts = new Array<number>(count).fill(0);
  const scale = count / (whole && span < bins ? span + 1 : span);
  for (const value of values) {
    if (Number.isFinite(value)) counts[Math.min(count - 1, Math.floor((value - low) * scale))]!++;
  }
  return counts;
}
