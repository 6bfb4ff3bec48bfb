import { deviceNamed } from "../../../src/device/current.ts";
import type { Shape } from "../../../src/device/device.ts";
import { sizeOf } from "../../../src/device/size.ts";
import type { AnyOperation } from "../../../src/operations/record.ts";
import { tensor } from "../../../src/tensor/create.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { type Layout, laidOut } from "./laid-out.ts";

export type Sample = AnyOperation["samples"][number];

/** What a sample is given by whom: the device under test, or the reference, in the precision that is asked for. */
export interface On {
  readonly device: "cpu" | "plain" | "gpu";
  readonly dtype: "float32" | "float64";
}

/** Elements of all inputs of such shapes. */
export const elementsOf = (shapes: readonly Shape[]) => shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);

/** The shapes of a sample with all axes that are as long as its last of length `n`, and as its first of `rows`, if any. */
export function resized({ shapes }: Sample, n: number, rows: number): readonly Shape[] | undefined {
  const [last, first] = [shapes[0]?.at(-1), shapes[0]?.[0]];
  if (last === undefined || first === undefined) return undefined;
  return shapes.map((shape) => shape.map((size) => (size === last ? n : size === first && rows > 0 ? rows : size)));
}

/** The shapes of a sample with its last axis of length `n`, and its first so long that there are `many` elements, if it can. */
export function enlarged(sample: Sample, n: number, many: number): readonly Shape[] | undefined {
  const single = resized(sample, n, 1);
  if (single === undefined) return undefined;
  const square = sample.shapes[0]!.at(-1) === sample.shapes[0]![0];
  return resized(sample, n, square ? 0 : Math.ceil(many / sizeOf(single[0]!)));
}

/**
 * A sample's inputs in other shapes than its own: indices and conditions as it says, over and over, and the float32
 * values that `value` gives for an element of an input, on every device the same.
 */
export function inputsOf(
  sample: Sample,
  shapes: readonly Shape[],
  on: On,
  value: (k: number, size: number, input: number) => number,
  layout: Layout = "dense",
): Tensor[] {
  const device = deviceNamed(on.device);
  return shapes.map((shape, i) => {
    const length = sizeOf(shape);
    const [indices, truth] = [sample.indices?.[i], sample.conditions?.[i]];
    if (indices !== undefined)
      return laidOut(
        Int32Array.from({ length }, (_, k) => indices[k % indices.length]!),
        shape,
        layout,
        (values, to) => tensor(values, { shape: to, device }),
      );
    if (truth !== undefined)
      return laidOut(
        Uint8Array.from({ length }, (_, k) => truth[k % truth.length]!),
        shape,
        layout,
        (values, to) => tensor(values, { shape: to, device, dtype: "bool" }),
      );
    return laidOut(
      Float32Array.from({ length }, (_, k) => value(k, length, i)),
      shape,
      layout,
      (values, to) => tensor(values, { shape: to, device, dtype: on.dtype }),
    );
  });
}

/** Numbers in 0 … 1 without a pattern, no two alike. */
export const apart = (k: number, size: number, input: number) => {
  const step = 7919 + 2 * input;
  return (((k * step + 31 * input) % size) + 0.37) / size;
};
