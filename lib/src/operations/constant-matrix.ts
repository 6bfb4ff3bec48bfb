import { tensorOf } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A matrix of constants in the float dtype of `x`, on its device. */
export function constantMatrix(x: Tensor, rows: number, columns: number, at: (i: number, j: number) => number): Tensor {
  const values = Float64Array.from({ length: rows * columns }, (_, k) => at(Math.floor(k / columns), k % columns));
  const dtype = x.dtype === "float64" ? "float64" : "float32";
  return dtype === "float64"
    ? tensorOf(values, dtype, [rows, columns], x.device)
    : tensorOf(Float32Array.from(values), dtype, [rows, columns], x.device);
}
