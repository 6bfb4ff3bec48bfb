import type { TypedArray, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { zeroedArray } from "../arrays.ts";
import { rowMajor } from "./move.ts";

/** Matrix products of any dtype, row by row so that memory is read in order; sums in double precision. */
export function matmul(a: View, b: View): TypedArray {
  const [m, k, n] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
  const left = rowMajor(a);
  const right = rowMajor(b);
  const batches = sizeOf(a.shape.slice(0, -2));
  const out = zeroedArray(a.buffer.dtype, batches * m * n);
  const row = new Float64Array(n);
  for (let batch = 0; batch < batches; batch++) {
    for (let i = 0; i < m; i++) {
      row.fill(0);
      for (let l = 0; l < k; l++) {
        const factor = left[(batch * m + i) * k + l]!;
        const from = (batch * k + l) * n;
        for (let j = 0; j < n; j++) row[j]! += factor * right[from + j]!;
      }
      out.set(row, (batch * m + i) * n);
    }
  }
  return out;
}
