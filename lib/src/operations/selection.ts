import type { DType } from "../device/device.ts";
import type { Tensor, TensorLike } from "../tensor/tensor.ts";
import { define } from "./define.ts";
import { broadcast, unbroadcast } from "./elementwise.ts";
import { type Operation, shapes } from "./record.ts";

/** Its result has the dtype of what is selected, not that of the condition. */
interface Selection {
  <D extends DType = "float32">(condition: Tensor, x: Tensor<D> | number, y: Tensor<D> | number): Tensor<D>;
  readonly operation: Operation<Inputs, []>;
  readonly signature?: { readonly inputs: Inputs; readonly rest: []; readonly kind: "same" };
}
type Inputs = [condition: Tensor, x: TensorLike, y: TensorLike];

/** `x` where the condition holds, `y` elsewhere; all three broadcast. */
export const where: Selection = define({
  name: "where",
  inputs: ["condition", "x", "y"],
  kind: "same",
  map: "where",
  shape: ([condition, x, y]) => {
    const values = broadcast(x, y);
    return "because" in values ? values : broadcast(condition, values);
  },
  pullback: (g, [condition, x, y]) => [
    null,
    unbroadcast(condition.where(g, 0), x),
    unbroadcast(condition.where(0, g), y),
  ],
  samples: [
    {
      shapes: shapes([2, 3], [2, 3], [2, 3]),
      conditions: { 0: [1, 0, 0, 1, 1, 0] },
    },
    { shapes: shapes([2, 1], [3], []), conditions: { 0: [1, 0] } },
  ],
  refusals: [{ shapes: shapes([2], [3], [3]), message: /\[2\] and \[3\] do not broadcast/ }],
});
