import type { DType } from "../device/device.ts";

/**
 * The common dtype of several: the later in bool, int32, float32, float64.
 * A plain number takes the dtype of the tensor beside it; a fraction beside integers gives float32.
 */
export function promote(dtypes: readonly DType[]): DType {
  return dtypes.reduce((a, b) => (ranks[a] >= ranks[b] ? a : b));
}

const ranks: Readonly<Record<DType, number>> = { bool: 0, int32: 1, float32: 2, float64: 3 };
