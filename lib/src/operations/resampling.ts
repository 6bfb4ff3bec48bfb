import { tensorOf } from "../tensor/create.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { constantMatrix } from "./constant-matrix.ts";
import { cast, define, type OperationFunction } from "./define.ts";
import { type Pair, pair } from "./pair.ts";
import { shapes } from "./record.ts";

export interface ResizeOptions {
  /** Height and width of the result. */
  readonly size: Pair;
  /** "bilinear", if not said; "nearest" repeats or leaves out. */
  readonly mode?: "bilinear" | "nearest";
  /** Corner pixels stay corner pixels, instead of the edges of both images meeting. */
  readonly alignCorners?: boolean;
}

/** Where in `n` cells the middle of cell `i` of `size` lies. */
function source(i: number, n: number, size: number, alignCorners: boolean): number {
  if (alignCorners) return size === 1 ? 0 : (i * (n - 1)) / (size - 1);
  return Math.max(0, ((i + 0.5) * n) / size - 0.5);
}

/** Images in another size: `[…, height, width]` → `[…, …size]`. */
export const resize: OperationFunction<[x: Tensor], [options: ResizeOptions]> = define({
  name: "resize",
  inputs: ["x"],
  shape: ([x], { size, mode = "bilinear" }) => {
    if (x.length < 2) return { because: `${showShape(x)}: expected […, height, width].` };
    if (mode !== "bilinear" && mode !== "nearest")
      return { because: `the mode is ${String(mode)}, expected bilinear or nearest.` };
    const both = pair(size, 1);
    const odd = both.find((n) => !Number.isInteger(n) || n < 1);
    if (odd !== undefined)
      return { because: `${showShape(x)} to a size of ${odd}, expected whole numbers of 1 or more.` };
    if (x.at(-1) === 0 || x.at(-2) === 0) return { because: `${showShape(x)} has no elements to draw from.` };
    return [...x.slice(0, -2), ...both];
  },
  compose: ([x], { size, mode = "bilinear", alignCorners = false }) => {
    const [height, width] = pair(size, 1);
    if (mode === "nearest") {
      const places = (n: number, to: number) =>
        tensorOf(
          Int32Array.from({ length: to }, (_, i) => Math.floor((i * n) / to)),
          "int32",
          [to],
          x.device,
        );
      return x.take(places(x.shape.at(-2)!, height), -2).take(places(x.shape.at(-1)!, width), -1);
    }
    const weights = (n: number, to: number) =>
      constantMatrix(x, to, n, (i, j) => {
        const at = Math.min(n - 1, source(i, n, to, alignCorners));
        return Math.max(0, 1 - Math.abs(at - j));
      });
    return weights(x.shape.at(-2)!, height)
      .matmul(x)
      .matmul(weights(x.shape.at(-1)!, width).transpose());
  },
  samples: [
    { shapes: shapes([1, 2, 3, 4]), options: { size: [5, 3] } },
    { shapes: shapes([2, 3, 3]), options: { size: 5, alignCorners: true } },
    { shapes: shapes([3, 4]), options: { size: [2, 7], mode: "nearest" } },
  ],
  refusals: [
    { shapes: shapes([4]), options: { size: 2 }, message: /\[4\]: expected \[…, height, width\]/ },
    { shapes: shapes([4, 4]), options: { size: 0 }, message: /to a size of 0, expected whole numbers of 1 or more/ },
  ],
});

export interface GridSampleOptions {
  /** What lies outside the image: 0 ("zeros", if not said), or the nearest edge. */
  readonly padding?: "zeros" | "border";
  /** −1 and 1 are the middles of the corner pixels, instead of their outer edges. */
  readonly alignCorners?: boolean;
}

/**
 * Values of images at places between their pixels, interpolated linearly (spatial transformer networks, Jaderberg et al.
 * 2015): `x [batch, channels, height, width]`, `grid [batch, h, w, 2]` with x and y from −1 (left, top) to 1 (right,
 * bottom) → `[batch, channels, h, w]`. Both have derivatives.
 */
export const gridSample: OperationFunction<[x: Tensor, grid: Tensor], [options?: GridSampleOptions]> = define({
  name: "gridSample",
  inputs: ["x", "grid"],
  shape: ([x, grid]) => {
    const both = `${showShape(x)} at ${showShape(grid)}`;
    if (x.length !== 4 || grid.length !== 4 || grid[3] !== 2)
      return { because: `${both}: expected [batch, channels, height, width] and places [batch, h, w, 2].` };
    if (x[0] !== grid[0]) return { because: `${both}: ${x[0]} images and places for ${grid[0]}.` };
    if (x[2] === 0 || x[3] === 0) return { because: `${both}: the images have no elements to draw from.` };
    return [x[0]!, x[1]!, grid[1]!, grid[2]!];
  },
  compose: ([x, grid], { padding = "zeros", alignCorners = false } = {}) => {
    const [batch, channels, height, width] = x.shape as [number, number, number, number];
    const [, h, w] = grid.shape as [number, number, number];
    const axis = (which: number, n: number) => {
      const from = grid.slice({ axis: 3, start: which, stop: which + 1 }).squeeze(3);
      const at = alignCorners
        ? from.add(1).mul((n - 1) / 2)
        : from
            .add(1)
            .mul(n / 2)
            .sub(0.5);
      const inside = padding === "border" ? at.clamp({ min: 0, max: n - 1 }) : at;
      const low = inside.floor();
      return { low, share: inside.sub(low), n };
    };
    const [across, down] = [axis(0, width), axis(1, height)];
    const rows = x.transpose([0, 2, 3, 1]).reshape([batch * height * width, channels]);
    const images = tensorOf(
      Int32Array.from({ length: batch }, (_, i) => i * height * width),
      "int32",
      [batch, 1, 1],
      x.device,
    );
    const corner = (dy: 0 | 1, dx: 0 | 1) => {
      const [cx, cy] = [across.low.add(dx), down.low.add(dy)];
      const known = cx
        .greaterEqual(0)
        .and(cx.lessEqual(width - 1))
        .and(cy.greaterEqual(0))
        .and(cy.lessEqual(height - 1));
      // In integers, which stay exact in large batches.
      const row = cast(cy.clamp({ min: 0, max: height - 1 }), "int32");
      const column = cast(cx.clamp({ min: 0, max: width - 1 }), "int32");
      const place = row.mul(width).add(column).add(images);
      const weight = (dy === 1 ? down.share : down.share.neg().add(1)).mul(
        dx === 1 ? across.share : across.share.neg().add(1),
      );
      const seen = known.where(weight as Tensor<"float32">, 0);
      return rows.take(cast(place, "int32")).mul(seen.expandDims(3));
    };
    const sum = corner(0, 0).add(corner(0, 1)).add(corner(1, 0)).add(corner(1, 1));
    return sum.reshape([batch, h, w, channels]).transpose([0, 3, 1, 2]);
  },
  samples: [
    { shapes: shapes([1, 2, 3, 4], [1, 2, 2, 2]), range: [-0.9, 0.9] },
    {
      shapes: shapes([2, 1, 3, 3], [2, 1, 3, 2]),
      options: { padding: "border", alignCorners: true },
      range: [-1.4, 1.4],
    },
  ],
  refusals: [
    { shapes: shapes([1, 2, 3, 4], [1, 2, 2]), message: /expected \[batch, channels, height, width\] and places/ },
    { shapes: shapes([1, 2, 3, 4], [2, 2, 2, 2]), message: /1 images and places for 2/ },
  ],
});
