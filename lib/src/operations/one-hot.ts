import { tensorOf } from "../tensor/create.ts";
import { requireShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkedIndices } from "./indices.ts";

/** Where a row of `classes` has its one: float32 `[..., classes]`. Every index is one of 0 … classes − 1. */
export function oneHot(indices: Tensor<"int32">, classes: number): Tensor<"float32"> {
  requireShape("oneHot", [classes]);
  checkedIndices("oneHot", indices, classes);
  const range = tensorOf(
    Int32Array.from({ length: classes }, (_, i) => i),
    "int32",
    [classes],
    indices.device,
  );
  return indices.expandDims(-1).equal(range).cast("float32");
}
