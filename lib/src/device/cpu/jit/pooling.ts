import type { Reduction, Shape, TypedArray, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { arrayToFill } from "../arrays.ts";
import { valuesOf } from "../buffer.ts";
import type { PoolShape } from "../x86/blocks/pools.ts";
import { isAddressable } from "../x86/bounds.ts";
import { poolMax, poolPlace, poolSpread } from "./kernels/pool.ts";
import type { Scratch } from "./scratch.ts";

/** Bytes of images at a time in WebAssembly: they and their windows stay in the second-level cache. */
const AT_ONCE = 1 << 18;

/** Words that kernels write behind the last windows, or their pixels. */
const BEYOND = 8;

const kernelsOf = ({ engine }: Scratch) =>
  engine.kernels("pools", () => ({ max: poolMax, argmax: poolPlace, spread: poolSpread }));

/** The largest, or its place, in windows of 2 × 2 side by side. */
export function pool(by: Reduction, x: View, axes: readonly number[], scratch: Scratch): TypedArray | undefined {
  const { x86 } = scratch.engine;
  const shape = axes.length === 2 && axes[0] === 4 ? imagesOf(x) : undefined;
  if (shape === undefined || (by !== "max" && by !== "argmax")) return undefined;
  const pixels = { values: valuesOf(x.buffer) as Float32Array, start: x.offset };
  if (pixels.start + shape.planes * shape.height * shape.width > pixels.values.length) return undefined;
  const out = arrayToFill(by === "max" ? "float32" : "int32", sizeOf(x.shape.slice(0, 4)));
  if (x86 === null) foldStaged(by, pixels, out, shape, scratch);
  else if (!isAddressable(pixels.values)) return undefined;
  else if (out instanceof Float32Array) x86.pools.max(pixels, out, shape);
  else x86.pools.place(pixels, out as Int32Array, shape);
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
  if (images === undefined || images.width % 2 > 0 || images.height % 2 > 0) return undefined;
  const pixels = images.planes * images.height * images.width;
  if (sizeOf(shape) !== pixels || updates.length !== pixels / 4 || places.length !== pixels / 4) return undefined;
  const out = arrayToFill("float32", pixels);
  if (x86 === null) spreadStaged(updates, places, out, images, scratch);
  else if (!isAddressable(out) || !isAddressable(updates)) return undefined;
  else x86.pools.spread(updates, places, out, images);
  return out;
}

/** Folds in WebAssembly, on copies of a few images at a time. */
function foldStaged(
  by: "max" | "argmax",
  { values, start }: { readonly values: Float32Array; readonly start: number },
  out: TypedArray,
  shape: PoolShape,
  scratch: Scratch,
): void {
  const fold = kernelsOf(scratch)[by];
  inParts(shape, scratch, ({ pixels, windows, pixelsAt, windowsAt, parameters, floats, integers }) => {
    floats.set(values.subarray(start + pixels.from, start + pixels.to), pixelsAt);
    fold(4 * pixelsAt, 4 * windowsAt, 0, ...parameters);
    const folded = by === "max" ? floats : integers;
    out.set(folded.subarray(windowsAt, windowsAt + windows.to - windows.from), windows.from);
  });
}

function spreadStaged(
  updates: Float32Array,
  places: Int32Array,
  out: Float32Array,
  shape: PoolShape,
  scratch: Scratch,
): void {
  const { spread } = kernelsOf(scratch);
  inParts(shape, scratch, ({ pixels, windows, pixelsAt, windowsAt, placesAt, parameters, floats, integers }) => {
    floats.set(updates.subarray(windows.from, windows.to), windowsAt);
    integers.set(places.subarray(windows.from, windows.to), placesAt);
    spread(4 * pixelsAt, 4 * windowsAt, 4 * placesAt, ...parameters);
    out.set(floats.subarray(pixelsAt, pixelsAt + pixels.to - pixels.from), pixels.from);
  });
}

/** A few images: which pixels and windows they are, and where there is room for them in the kernels' memory, in words. */
interface Part {
  readonly pixels: { readonly from: number; readonly to: number };
  readonly windows: { readonly from: number; readonly to: number };
  readonly pixelsAt: number;
  readonly windowsAt: number;
  readonly placesAt: number;
  /** Of the kernels, after the addresses. */
  readonly parameters: readonly number[];
  readonly floats: Float32Array;
  readonly integers: Int32Array;
}

function inParts({ planes, height, width }: PoolShape, scratch: Scratch, work: (part: Part) => void): void {
  const [lines, across] = [height >> 1, width >> 1];
  const [plane, folded] = [height * width, lines * across];
  const most = Math.min(planes, Math.max(1, Math.floor(AT_ONCE / (4 * plane))));
  // The last windows of a row are done with those that come after them, and at the end with none.
  const roomFor = (each: number) => scratch.claim(4 * (most * each + BEYOND)) / 4;
  const [pixelsAt, windowsAt, placesAt] = [roomFor(plane), roomFor(folded), roomFor(folded)];
  const { floats, integers } = scratch;
  for (let first = 0; first < planes; first += most) {
    const end = Math.min(first + most, planes);
    // A row of windows ends a row of pixels and the column that is left over before the next begins.
    const parameters = [4 * width, (height % 2) * width * 4, end - first, lines, across];
    work({
      ...{ pixels: { from: first * plane, to: end * plane }, windows: { from: first * folded, to: end * folded } },
      ...{ pixelsAt, windowsAt, placesAt, parameters, floats, integers },
    });
  }
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
