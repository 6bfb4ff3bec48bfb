import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { foldedShape, outside, type ReductionOptions, samples } from "./folding.ts";
import { shapes } from "./record.ts";

/** How many are not zero (or false), over axes. */
export const countNonzero: OperationFunction<[x: Tensor], [options?: ReductionOptions], "int32"> = define({
  name: "countNonzero",
  inputs: ["x"],
  kind: "int32",
  shape: ([x], options) => foldedShape("countNonzero", x, options),
  compose: ([x], options) => x.cast("bool").sum(options),
  pullback: null,
  samples,
  refusals: [outside],
});

/** Whether any is true (not zero), over axes; false where there are none. */
export const any: OperationFunction<[x: Tensor], [options?: ReductionOptions], "bool"> = define({
  name: "any",
  inputs: ["x"],
  kind: "bool",
  shape: ([x], options) => foldedShape("any", x, options),
  compose: ([x], options) => x.countNonzero(options).cast("bool"),
  pullback: null,
  samples: [...samples, { shapes: shapes([0, 3]), options: { axis: 0 } }],
  refusals: [outside],
});

/** Whether all are true (not zero), over axes; true where there are none. */
export const all: OperationFunction<[x: Tensor], [options?: ReductionOptions], "bool"> = define({
  name: "all",
  inputs: ["x"],
  kind: "bool",
  shape: ([x], options) => foldedShape("all", x, options),
  compose: ([x], options) => x.not().any(options).not(),
  pullback: null,
  samples: [...samples, { shapes: shapes([0, 3]), options: { axis: 0 } }],
  refusals: [outside],
});
