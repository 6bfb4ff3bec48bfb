import type { Shape } from "../device/device.ts";
import { tensorOf } from "../tensor/create.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { constantMatrix } from "./constant-matrix.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Pair, pair } from "./pair.ts";
import { avgPool2d, type PoolOptions } from "./pooling.ts";
import { type Misfit, shapes } from "./record.ts";

function adaptedShape(x: Shape, size: Pair): Shape | Misfit {
  if (x.length < 2) return { because: `${showShape(x)}: expected […, height, width].` };
  const both = pair(size, 1);
  const odd = both.find((n) => !Number.isInteger(n) || n < 1);
  if (odd !== undefined)
    return { because: `${showShape(x)} to a size of ${odd}, expected whole numbers of 1 or more.` };
  if (x.at(-1) === 0 || x.at(-2) === 0) return { because: `${showShape(x)} has no elements to pool.` };
  return [...x.slice(0, -2), ...both];
}

/** The cells of `n` that cell `i` of `size` stands for: as equal shares as whole cells allow, overlapping where they must. */
function share(i: number, n: number, size: number): readonly [from: number, to: number] {
  return [Math.floor((i * n) / size), Math.ceil(((i + 1) * n) / size)];
}

const samples = [
  { shapes: shapes([1, 2, 4, 6]), options: 2 },
  { shapes: shapes([1, 1, 5, 7]), options: [3, 2] as const },
] as const;
const refusals = [
  { shapes: shapes([1, 1, 4, 4]), options: 0, message: /to a size of 0, expected whole numbers of 1 or more/ },
  { shapes: shapes([4]), options: 2, message: /\[4\]: expected \[…, height, width\]/ },
];

/** Means over as many equal shares of height and width as `size` says: `[…, height, width]` → `[…, …size]`. A size of 1 is global pooling. */
export const adaptiveAvgPool2d: OperationFunction<[x: Tensor], [size: Pair]> = define({
  name: "adaptiveAvgPool2d",
  inputs: ["x"],
  shape: ([x], size) => adaptedShape(x, size),
  // A mean along an axis is a product with a matrix of weights.
  compose: ([x], size) => {
    const weights = (n: number, to: number) =>
      constantMatrix(x, to, n, (i, j) => {
        const [first, last] = share(i, n, to);
        return j >= first && j < last ? 1 / (last - first) : 0;
      });
    const [height, width] = pair(size, 1);
    return weights(x.shape.at(-2)!, height)
      .matmul(x)
      .matmul(weights(x.shape.at(-1)!, width).transpose());
  },
  samples,
  refusals,
});

/** Maxima over as many equal shares of height and width as `size` says: `[…, height, width]` → `[…, …size]`; equals share the gradient. */
export const adaptiveMaxPool2d: OperationFunction<[x: Tensor], [size: Pair], "same"> = define({
  name: "adaptiveMaxPool2d",
  inputs: ["x"],
  kind: "same",
  shape: ([x], size) => adaptedShape(x, size),
  compose: ([x], size) => {
    const along = (part: Tensor, axis: -1 | -2, to: number) => {
      const n = part.shape.at(axis)!;
      const widest = Math.max(...Array.from({ length: to }, (_, i) => share(i, n, to)[1] - share(i, n, to)[0]));
      // The last cell of a narrower share again, which changes no maximum.
      const places = Int32Array.from({ length: to * widest }, (_, k) => {
        const [first, last] = share(Math.floor(k / widest), n, to);
        return Math.min(first + (k % widest), last - 1);
      });
      const at = part.rank + axis;
      const cells = part.take(tensorOf(places, "int32", [to, widest], x.device), at);
      return cells.max({ axis: at + 1 });
    };
    const [height, width] = pair(size, 1);
    return along(along(x, -1, width), -2, height);
  },
  samples,
  refusals,
});

/**
 * The p-norm of every window, (Σ |x|ᵖ)^(1/p), for `x [batch, channels, height, width]`: `power` 1 adds sizes up, 2 is
 * Euclidean, and a large one comes near the maximum (Sermanet et al. 2012).
 */
export const lpPool2d: OperationFunction<[x: Tensor], [options: PoolOptions & { readonly power: number }]> = define({
  name: "lpPool2d",
  inputs: ["x"],
  shape: ([x], options) =>
    options.power >= 1
      ? avgPool2d.operation.shape([x], options)
      : { because: `the power is ${options.power}, expected 1 or more.` },
  compose: ([x], options) => {
    const [height, width] = pair(options.size, 1);
    const sums = x
      .abs()
      .pow(options.power)
      .avgPool2d(options)
      .mul(height * width);
    // The root has no slope at 0; there the gradient is 0.
    const none = sums.equal(0);
    return none.where(0, none.where(1, sums as Tensor<"float32">).pow(1 / options.power) as Tensor<"float32">);
  },
  samples: [
    { shapes: shapes([2, 2, 4, 6]), options: { size: 2, power: 2 } },
    { shapes: shapes([1, 1, 5, 5]), options: { size: 3, stride: 2, power: 3 } },
  ],
  refusals: [
    { shapes: shapes([1, 1, 4, 4]), options: { size: 2, power: 0 }, message: /the power is 0, expected 1 or more/ },
  ],
});
