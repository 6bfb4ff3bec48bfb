import type { Reduction, Shape, TypedArray, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { arrayToFill } from "../arrays.ts";
import { valuesOf } from "../buffer.ts";
import type { PoolShape } from "../x86/blocks/pools.ts";
import { isAddressable } from "../x86/bounds.ts";
import type { Scratch } from "./scratch.ts";

/** The largest, or its place, in windows of 2 × 2 side by side, in machine code. */
export function pool(by: Reduction, x: View, axes: readonly number[], scratch: Scratch): TypedArray | undefined {
  const { x86 } = scratch.engine;
  const shape = axes.length === 2 && axes[0] === 4 ? imagesOf(x) : undefined;
  if (x86 === null || shape === undefined || (by !== "max" && by !== "argmax")) return undefined;
  const pixels = { values: valuesOf(x.buffer) as Float32Array, start: x.offset };
  if (!isAddressable(pixels.values)) return undefined;
  if (pixels.start + shape.planes * shape.height * shape.width > pixels.values.length) return undefined;
  const length = sizeOf(x.shape.slice(0, 4));
  if (by === "max") {
    const out = arrayToFill("float32", length);
    x86.pools.max(pixels, out, shape);
    return out;
  }
  const out = arrayToFill("int32", length);
  x86.pools.place(pixels, out, shape);
  return out;
}

/** Puts updates where they belong in windows of 2 × 2 side by side that cover images of `shape`, likewise. */
export function spread(
  updates: Float32Array,
  places: Int32Array,
  windows: Pick<View, "shape" | "strides">,
  shape: Shape,
  scratch: Scratch,
): Float32Array | undefined {
  const { x86 } = scratch.engine;
  const images = imagesOf(windows);
  if (x86 === null || images === undefined || images.width % 2 > 0 || images.height % 2 > 0) return undefined;
  const out = arrayToFill("float32", sizeOf(shape));
  if (!isAddressable(out) || !isAddressable(updates)) return undefined;
  if (out.length !== images.planes * images.height * images.width) return undefined;
  x86.pools.spread(updates, places, out, images);
  return out;
}

/** The contiguous images whose windows `[batch, channels, oh, ow, 2, 2]` a view shows; undefined where they are others. */
function imagesOf({ shape, strides }: Pick<View, "shape" | "strides">): PoolShape | undefined {
  if (shape.length !== 6 || shape[4] !== 2 || shape[5] !== 2 || shape.includes(0)) return undefined;
  const [batch, channels, lines, across] = shape as [number, number, number, number];
  const [sb, sc, sy, sx, width, step] = strides as [number, number, number, number, number, number];
  // A single image says nothing of what comes between images.
  const plane = channels > 1 ? sc : batch > 1 ? sb : 2 * lines * width;
  const height = plane / width;
  const fits =
    step === 1 &&
    (width === 2 * across || width === 2 * across + 1) &&
    (height === 2 * lines || height === 2 * lines + 1) &&
    (across === 1 || sx === 2) &&
    (lines === 1 || sy === 2 * width) &&
    (batch === 1 || sb === channels * plane);
  return fits ? { planes: batch * channels, height, width } : undefined;
}
