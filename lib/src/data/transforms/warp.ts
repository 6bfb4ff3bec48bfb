import { gridSample } from "../../operations/index.ts";
import type { Key } from "../../random/key.ts";
import { tensorOf } from "../../tensor/create.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { drawn, type ImageSizes, requireAmount, requireImages } from "./per-image.ts";

/** What lies outside: 0, if not said, or the nearest edge. */
export type Outside = "zeros" | "border";

/** Images whose pixel at (x, y) comes from `from(image, x, y)`, in pixels, interpolated linearly. */
function warped(
  images: Tensor,
  { batch, height, width }: ImageSizes,
  padding: Outside,
  from: (image: number, x: number, y: number) => readonly [number, number],
): Tensor<"float32"> {
  const grid = new Float32Array(batch * height * width * 2);
  let at = 0;
  for (let i = 0; i < batch; i++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [fx, fy] = from(i, x, y);
        grid[at++] = (2 * fx + 1) / width - 1;
        grid[at++] = (2 * fy + 1) / height - 1;
      }
  const places = tensorOf(grid, "float32", [batch, height, width, 2], images.device);
  return gridSample(images, places, { padding }) as Tensor<"float32">;
}

export interface RandomAffineOptions {
  readonly key: Key;
  /** Turned by −r … r degrees. */
  readonly rotation?: number;
  /** Moved by up to so many pixels in each direction. */
  readonly translation?: number;
  /** Enlarged by a factor from this range. */
  readonly scale?: readonly [number, number];
  /** Slanted by −s … s degrees. */
  readonly shear?: number;
  readonly outside?: Outside;
}

/** Each image turned, enlarged, slanted and moved about its middle by amounts of its own; counter-clockwise is positive. */
export function randomAffine(images: Tensor, options: RandomAffineOptions): Tensor<"float32"> {
  const sizes = requireImages("randomAffine", images);
  const { key, rotation = 0, translation = 0, scale = [1, 1], shear = 0, outside = "zeros" } = options;
  for (const [name, value] of Object.entries({ rotation, translation, shear }))
    requireAmount("randomAffine", name, value);
  if (!(scale[0] > 0 && scale[1] >= scale[0]))
    throw new ArgumentError(
      "randomAffine",
      `scale is ${scale[0]} … ${scale[1]}, expected a range of positive factors.`,
    );
  const { batch, height, width } = sizes;
  const draw = (name: string, low: number, high: number) => drawn(key.child(name), batch, low, high);
  const angles = draw("rotation", -rotation, rotation);
  const slants = draw("shear", -shear, shear);
  const factors = draw("scale", scale[0], scale[1]);
  const [across, down] = [draw("x", -translation, translation), draw("y", -translation, translation)];
  const radians = Math.PI / 180;
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  return warped(images, sizes, outside, (i, x, y) => {
    // Backwards from the result: moved back, turned back, straightened, made small again.
    const [dx, dy] = [x - cx - across[i]!, y - cy - down[i]!];
    const [cos, sin] = [Math.cos(angles[i]! * radians), Math.sin(angles[i]! * radians)];
    const turnedX = cos * dx - sin * dy;
    const turnedY = sin * dx + cos * dy;
    const straight = turnedX + Math.tan(slants[i]! * radians) * turnedY;
    return [cx + straight / factors[i]!, cy + turnedY / factors[i]!];
  });
}

export interface ElasticOptions {
  readonly key: Key;
  /** How far pixels move: the fields are multiplied by it; 34 in the paper, for 29 × 29 pixels. */
  readonly alpha?: number;
  /** Standard deviation of the smoothing in pixels; 4 in the paper. */
  readonly sigma?: number;
  readonly outside?: Outside;
}

/**
 * Elastic distortions (Simard, Steinkraus and Platt 2003): each pixel comes from a place moved by random numbers from
 * −1 … 1, smoothed by a Gaussian and multiplied by `alpha`.
 */
export function elastic(images: Tensor, options: ElasticOptions): Tensor<"float32"> {
  const sizes = requireImages("elastic", images);
  const { key, alpha = 34, sigma = 4, outside = "zeros" } = options;
  requireAmount("elastic", "alpha", alpha);
  if (!(sigma > 0)) throw new ArgumentError("elastic", `sigma is ${sigma}, expected a positive number of pixels.`);
  const { batch, height, width } = sizes;
  const field = (name: string) =>
    smoothed(drawn(key.child(name), batch * height * width, -1, 1), { batch, height, width, sigma });
  const [across, down] = [field("x"), field("y")];
  return warped(images, sizes, outside, (i, x, y) => {
    const at = (i * height + y) * width + x;
    return [x + alpha * across[at]!, y + alpha * down[at]!];
  });
}

/** @internal Fields `[batch, height, width]` smoothed by a Gaussian cut off at four deviations; zeros outside. */
export function smoothed(
  values: Float64Array,
  { batch, height, width, sigma }: { batch: number; height: number; width: number; sigma: number },
): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, k) =>
    Math.exp(-((k - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  const along = (
    from: Float64Array,
    length: number,
    stride: number,
    starts: (line: number) => number,
  ): Float64Array => {
    const out = new Float64Array(from.length);
    for (let line = 0; line < from.length / length; line++) {
      const start = starts(line);
      for (let i = 0; i < length; i++) {
        let total = 0;
        const last = Math.min(length - 1, i + radius);
        for (let j = Math.max(0, i - radius); j <= last; j++)
          total += weights[j - i + radius]! * from[start + j * stride]!;
        out[start + i * stride] = total / sum;
      }
    }
    return out;
  };
  if (values.length !== batch * height * width) throw new ArgumentError("elastic", "the fields do not fit the images.");
  const rows = along(values, width, 1, (line) => line * width);
  return along(rows, height, width, (line) => Math.floor(line / width) * height * width + (line % width));
}
