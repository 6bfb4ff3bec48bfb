import type { Shape, View } from "../device/device.ts";
import { broadcastShapes, showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { broadcastView } from "../tensor/view.ts";
import { withRank } from "./batch.ts";
import { define, type OperationFunction } from "./define.ts";
import { broadcast } from "./elementwise.ts";
import { productFor } from "./matrix-cotangent.ts";
import { shapes } from "./record.ts";

/** Matrix product over the last two axes; leading axes broadcast. */
export const matmul: OperationFunction<[a: Tensor, b: Tensor]> = define({
  name: "matmul",
  inputs: ["a", "b"],
  shape: ([a, b]) => {
    const both = () => `${showShape(a)} × ${showShape(b)}`;
    if (a.length < 2 || b.length < 2)
      return {
        because: `${both()}: a product of matrices, so both need at least two axes.`,
        hint: "A vector as a row: x.expandDims(0).",
      };
    const [m, k, l, n] = [a.at(-2)!, a.at(-1)!, b.at(-2)!, b.at(-1)!];
    if (k !== l) {
      const because = `${both()}: the inner sizes ${k} and ${l} differ.`;
      const turned = `${showShape([...a.slice(0, -1), l])}.`;
      return k === n ? { because, hint: `x.matmul(w.transpose()) would give ${turned}` } : { because };
    }
    if (a.length === 2 && b.length === 2) return [m, n];
    const lead = broadcastShapes(a.slice(0, -2), b.slice(0, -2));
    if (!("shape" in lead))
      return {
        because: `${both()}: the leading axes ${showShape(a.slice(0, -2))} and ${showShape(b.slice(0, -2))} do not broadcast.`,
      };
    return [...lead.shape, m, n];
  },
  forward: ([a, b], device, shape) => device.matmul(withLead(a, shape), withLead(b, shape)),
  pullback: (g, [a, b]) => [
    () => g.matmul(b.transpose()).sumTo(a.shape),
    // A matrix shared by a whole batch: one product over all rows instead of one per example and a sum.
    () => (b.rank === 2 ? productFor(b, rows(a), rows(g)) : a.transpose().matmul(g).sumTo(b.shape)),
  ],
  batch: (inputs, { batched, shape }) => {
    const [a, b] = inputs.map((x, i) => (batched[i] ? withRank(x, shape.length) : x)) as [Tensor, Tensor];
    return a.matmul(b);
  },
  samples: [
    { shapes: shapes([2, 3], [3, 4]) },
    { shapes: shapes([5, 2, 3], [3, 4]) },
    { shapes: shapes([2, 1, 2, 3], [3, 3, 1]) },
    { shapes: shapes([0, 3], [3, 2]) },
    { shapes: shapes([2, 3, 0], [0, 4]) },
    { shapes: shapes([2, 20, 30], [30, 25]), large: true },
  ],
  refusals: [
    {
      shapes: shapes([64, 400], [120, 400]),
      message:
        /\[64, 400\] × \[120, 400\]: the inner sizes 400 and 120 differ\.\n {2}x\.matmul\(w\.transpose\(\)\) would give \[64, 120\]\./,
    },
    { shapes: shapes([3], [3, 2]), message: /both need at least two axes/ },
    { shapes: shapes([2, 2, 3], [3, 3, 2]), message: /the leading axes \[2\] and \[3\] do not broadcast/ },
  ],
});

function rows(x: Tensor): Tensor {
  return x.rank === 2 ? x : x.reshape([sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!]);
}

function withLead(x: View, shape: Shape): View {
  if (shape.length === 2) return x;
  return broadcastView(x, [...shape.slice(0, -2), ...x.shape.slice(-2)]);
}

/** The sum of products along the last axis; shapes broadcast. Of two vectors their dot product. */
export const dot: OperationFunction<[a: Tensor, b: Tensor]> = define({
  name: "dot",
  inputs: ["a", "b"],
  shape: ([a, b]) => {
    const both = broadcast(a, b);
    if ("because" in both) return both;
    return both.length > 0 ? both.slice(0, -1) : { because: "two scalars have no axis, expected vectors." };
  },
  compose: ([a, b]) => a.mul(b).sum({ axis: -1 }),
  samples: [{ shapes: shapes([4], [4]) }, { shapes: shapes([2, 3], [3]) }],
  refusals: [{ shapes: shapes([3], [4]), message: /\[3\] and \[4\] do not broadcast/ }],
});

/** Every product of an element of one vector with one of the other: `[…, m]` and `[…, n]` → `[…, m, n]`. */
export const outer: OperationFunction<[a: Tensor, b: Tensor]> = define({
  name: "outer",
  inputs: ["a", "b"],
  shape: ([a, b]) => {
    if (a.length === 0 || b.length === 0) return { because: "a scalar has no axis, expected vectors." };
    const lead = broadcast(a.slice(0, -1), b.slice(0, -1));
    return "because" in lead ? lead : [...lead, a.at(-1)!, b.at(-1)!];
  },
  compose: ([a, b]) => a.expandDims(-1).mul(b.expandDims(-2)),
  samples: [{ shapes: shapes([3], [4]) }, { shapes: shapes([2, 3], [2, 2]) }],
  refusals: [{ shapes: shapes([2, 3], [3, 3]), message: /\[2\] and \[3\] do not broadcast/ }],
});
