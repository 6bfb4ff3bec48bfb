import { tensorOf } from "../tensor/create.ts";
import { DTypeError } from "../tensor/errors.ts";
import { materialise } from "../tensor/lazy.ts";
import { requireShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checked } from "./indices.ts";

/** Where a row of `classes` has its one: float32 `[..., classes]`. Every index is one of 0 … classes − 1. */
export function oneHot(indices: Tensor<"int32">, classes: number): Tensor<"float32"> {
  if (indices.dtype !== "int32")
    throw new DTypeError("oneHot", `indices are ${indices.dtype}, expected int32. Cast them: indices.cast("int32").`);
  requireShape("oneHot", [classes]);
  checked("oneHot", materialise(indices), classes, indices.device);
  const range = tensorOf(
    Int32Array.from({ length: classes }, (_, i) => i),
    "int32",
    [classes],
    indices.device,
  );
  return indices.expandDims(-1).equal(range).cast("float32");
}
