import { broadcastShapes, resolveAxis, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { broadcast } from "./elementwise.ts";
import { shapes } from "./record.ts";

/**
 * The Euclidean distance of every row of `x` from every row of `y`: `[…, m, d]` and `[…, n, d]` → `[…, m, n]`; leading
 * axes broadcast. Its derivative where two rows are equal is 0.
 */
export const pairwiseDistances: OperationFunction<[x: Tensor, y: Tensor]> = define({
  name: "pairwiseDistances",
  inputs: ["x", "y"],
  shape: ([x, y]) => {
    const both = `${showShape(x)} and ${showShape(y)}`;
    if (x.length < 2 || y.length < 2) return { because: `${both}: expected rows, […, m, d] and […, n, d].` };
    if (x.at(-1) !== y.at(-1)) return { because: `${both}: rows of ${x.at(-1)} and of ${y.at(-1)} numbers.` };
    const lead = broadcastShapes(x.slice(0, -2), y.slice(0, -2));
    if (!("shape" in lead)) return { because: `${both}: the leading axes do not broadcast.` };
    return [...lead.shape, x.at(-2)!, y.at(-2)!];
  },
  // By differences: products would lose near rows to rounding.
  compose: ([x, y]) => x.expandDims(-2).sub(y.expandDims(-3)).norm({ axis: -1 }),
  samples: [{ shapes: shapes([3, 2], [4, 2]) }, { shapes: shapes([2, 3, 2], [1, 2, 2]) }],
  refusals: [{ shapes: shapes([3, 2], [3, 4]), message: /rows of 2 and of 4 numbers/ }],
});

/** The cosine of the angle between `x` and `y` along an axis (the last, if not said); shapes broadcast; 0 for a zero vector. */
export const cosineSimilarity: OperationFunction<[x: Tensor, y: Tensor], [axis?: number]> = define({
  name: "cosineSimilarity",
  inputs: ["x", "y"],
  shape: ([x, y], axis = -1) => {
    const both = broadcast(x, y);
    return "because" in both ? both : both.toSpliced(resolveAxis("cosineSimilarity", axis, both.length), 1);
  },
  compose: ([x, y], axis = -1) => {
    const rank = Math.max(x.rank, y.rank);
    const at = resolveAxis("cosineSimilarity", axis, rank) - rank;
    const unit = (a: Tensor) => {
      const length = a.rank < -at ? a.abs() : a.norm({ axis: at, keepDims: true });
      return a.div(length.equal(0).where(1, length));
    };
    return unit(x).mul(unit(y)).sum({ axis: at });
  },
  samples: [
    { shapes: shapes([3, 4], [3, 4]) },
    { shapes: shapes([3, 1, 4], [2, 4]) },
    { shapes: shapes([3, 2], [3, 2]), options: 0 },
  ],
  refusals: [{ shapes: shapes([2, 3], [2, 4]), message: /do not broadcast/ }],
});
