import type { Buffer, Device, Shape, View } from "../device/device.ts";
import { rangeOf } from "../device/range.ts";
import { DTypeError, IndexError } from "../tensor/errors.ts";
import { materialise } from "../tensor/lazy.ts";
import { ownBuffer } from "../tensor/ownership.ts";
import { showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isContiguous } from "../tensor/view.ts";

/** Bounds of indices that have been looked through, or are known: from what is negative, or 0, to the largest. */
const ranges = new WeakMap<Buffer, readonly [least: number, most: number]>();

/** Says that indices are from 0 to below `n`, as the device has made them. */
export function knownBelow(n: number, indices: Buffer): Buffer {
  ranges.set(indices, [0, n - 1]);
  return indices;
}

/**
 * Refuses indices (called `what`) that are out of range; gives them in one axis. A device whose values cannot be looked
 * at knows only of indices that came from the host: others that are out of range read NaN, or 0, and add nothing.
 */
export function checked(who: string, indices: View, n: number, device: Device, what = "index"): View {
  if (indices.buffer.dtype !== "int32") {
    throw new DTypeError(who, `indices are ${indices.buffer.dtype}, expected int32. Cast them: indices.cast("int32").`);
  }
  const size = sizeOf(indices.shape);
  const whole = isContiguous(indices) && indices.offset === 0 && indices.buffer.length === size;
  const identity = { kind: "input", index: 0, dtype: "int32" } as const;
  const buffer = whole ? indices.buffer : device.map(identity, [indices], indices.shape, "int32");
  if (!whole) ownBuffer(device, buffer);
  if (device.peek !== undefined) {
    const [least, most] = ranges.get(buffer) ?? rangeOf(device.peek(buffer));
    ranges.set(buffer, [least, most]);
    if (least < 0 || most >= n) {
      const values = device.peek(buffer);
      const i = values.findIndex((value) => value < 0 || value >= n);
      throw new IndexError(
        who,
        `${what} ${values[i]} at ${showShape(unravel(i, indices.shape))} is outside 0 … ${n - 1}.`,
      );
    }
  } else {
    const [least, most] = ranges.get(buffer) ?? device.range?.(buffer) ?? [0, -1];
    if (least < 0 || most >= n)
      throw new IndexError(who, `${what} ${least < 0 ? least : most} is outside 0 … ${n - 1}.`);
  }
  return { buffer, shape: [size], strides: [1], offset: 0 };
}

/** The same for a tensor in a composition, where it has values: inside vmap the last operation to use them checks. */
export function checkedIndices(who: string, indices: Tensor, n: number): void {
  if (indices.dtype !== "int32") {
    throw new DTypeError(who, `indices are ${indices.dtype}, expected int32. Cast them: indices.cast("int32").`);
  }
  if (indices.state.kind !== "batched") checked(who, materialise(indices), n, indices.device);
}

function unravel(position: number, shape: Shape): number[] {
  const index: number[] = [];
  for (const n of [...shape].reverse()) {
    index.unshift(position % n);
    position = Math.floor(position / n);
  }
  return index;
}
