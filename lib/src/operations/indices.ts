import type { Device, Shape, View } from "../device/device.ts";
import { DTypeError, IndexError } from "../tensor/errors.ts";
import { materialise } from "../tensor/lazy.ts";
import { ownBuffer } from "../tensor/ownership.ts";
import { showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Refuses indices (called `what`) that are out of range, where the device can tell at once; gives them in one axis. */
export function checked(who: string, indices: View, n: number, device: Device, what = "index"): View {
  if (indices.buffer.dtype !== "int32") {
    throw new DTypeError(who, `indices are ${indices.buffer.dtype}, expected int32. Cast them: indices.cast("int32").`);
  }
  const identity = { kind: "input", index: 0, dtype: "int32" } as const;
  const shape = [sizeOf(indices.shape)];
  const buffer = device.map(identity, [indices], indices.shape, "int32");
  ownBuffer(device, buffer);
  if (device.peek !== undefined) {
    const values = device.peek(buffer);
    for (let i = 0; i < values.length; i++) {
      if (values[i]! < 0 || values[i]! >= n) {
        throw new IndexError(
          who,
          `${what} ${values[i]} at ${showShape(unravel(i, indices.shape))} is outside 0 … ${n - 1}.`,
        );
      }
    }
  }
  return { buffer, shape, strides: [1], offset: 0 };
}

/** The same for a tensor in a composition, where it has values: inside vmap the last operation to use them checks. */
export function checkedIndices(who: string, indices: Tensor, n: number): void {
  if (indices.dtype !== "int32") {
    throw new DTypeError(who, `indices are ${indices.dtype}, expected int32. Cast them: indices.cast("int32").`);
  }
  if (indices.device.peek !== undefined && indices.state.kind !== "batched")
    checked(who, materialise(indices), n, indices.device);
}

function unravel(position: number, shape: Shape): number[] {
  const index: number[] = [];
  for (const n of [...shape].reverse()) {
    index.unshift(position % n);
    position = Math.floor(position / n);
  }
  return index;
}
