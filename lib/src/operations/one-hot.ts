import { tensorOf } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Where a row of `classes` has its one: float32 `[..., classes]`. */
export function oneHot(indices: Tensor<"int32">, classes: number): Tensor<"float32"> {
  const range = tensorOf(
    Int32Array.from({ length: classes }, (_, i) => i),
    "int32",
    [classes],
    indices.device,
  );
  return indices.expandDims(-1).equal(range).cast("float32");
}
