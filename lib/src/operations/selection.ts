import { sameShape } from "../tensor/shapes.ts";
import type { Tensor, TensorLike } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { broadcast } from "./elementwise.ts";
import { shapes } from "./record.ts";

/** `x` where the condition holds, `y` elsewhere; all three broadcast. */
export const where: OperationFunction<[condition: Tensor, x: TensorLike, y: TensorLike], [], "same"> = define({
  name: "where",
  inputs: ["condition", "x", "y"],
  kind: "same",
  map: "where",
  shape: ([condition, x, y]) => {
    const values = broadcast(x, y);
    return "because" in values ? values : broadcast(condition, values);
  },
  pullback: (g, [condition, x, y]) => [null, back(condition.where(g, 0), x), back(condition.where(0, g), y)],
  samples: [
    {
      shapes: shapes([2, 3], [2, 3], [2, 3]),
      conditions: { 0: [1, 0, 0, 1, 1, 0] },
    },
    { shapes: shapes([2, 1], [3], []), conditions: { 0: [1, 0] } },
  ],
  refusals: [{ shapes: shapes([2], [3], [3]), message: /\[2\] and \[3\] do not broadcast/ }],
});

function back(g: Tensor, to: Tensor): Tensor | null {
  if (to.state.kind === "constant") return null;
  return sameShape(g.shape, to.shape) ? g : g.sumTo(to.shape);
}
