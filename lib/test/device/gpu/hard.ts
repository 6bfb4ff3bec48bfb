import { expect } from "vitest";
import { plain } from "../../../src/device/cpu/plain/plain.ts";
import type { Buffer, Device, DType, Shape, View } from "../../../src/device/device.ts";
import { Context } from "../../../src/device/gpu/context.ts";
import { gpuDevice } from "../../../src/device/gpu/gpu.ts";
import { gpu } from "./adapter.ts";

/** The device as on a GPU that is not emulated: tiles, and teams of threads. */
export const hard = gpu === null ? null : gpuDevice(new Context(gpu.context.launcher, gpu.context.compiler, false));

/** Numbers that look random: halves of integers, whose sums are exact. */
export function numbers(length: number, dtype: DType, seed = 1): Float32Array | Int32Array {
  const list = dtype === "int32" ? new Int32Array(length) : new Float32Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    list[i] = ((state >>> 8) % 33) - 16;
    if (dtype === "float32") list[i]! /= 8;
  }
  return list;
}

/** A view of new values; `order` says how its axes lie in memory, from the outermost on, and `flip` which run backwards. */
export function view(
  device: Device,
  shape: Shape,
  dtype: DType = "float32",
  order?: readonly number[],
  flip: readonly number[] = [],
) {
  const axes = order ?? shape.map((_, axis) => axis);
  const strides = new Array<number>(shape.length).fill(0);
  let step = 1;
  let offset = 3;
  for (const axis of axes.toReversed()) {
    strides[axis] = flip.includes(axis) ? -step : step;
    if (flip.includes(axis)) offset += (shape[axis]! - 1) * step;
    step *= shape[axis]!;
  }
  const buffer = device.write(numbers(step + 5, dtype, 1 + step) as never, dtype);
  return { buffer, shape, strides, offset } satisfies View;
}

/** Says that the device gives what the reference gives. */
export async function same(work: (device: Device) => Buffer, tolerance = 1e-5) {
  const [got, expected] = [await hard!.read(work(hard!)), await plain.read(work(plain))];
  expect(got.length).toBe(expected.length);
  let worst = 0;
  expected.forEach((want, i) => {
    const off = Number.isNaN(want)
      ? Number.isNaN(got[i]!)
        ? 0
        : Infinity
      : want === got[i]
        ? 0
        : Math.abs(got[i]! - want);
    worst = Math.max(worst, off / Math.max(1, Math.abs(want) || 1));
  });
  expect(worst).toBeLessThanOrEqual(tolerance);
}
