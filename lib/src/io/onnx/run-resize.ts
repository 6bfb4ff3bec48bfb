import { constantMatrix } from "../../operations/constant-matrix.ts";
import { tensorOf } from "../../tensor/create.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Call, Runs } from "./call.ts";

/** One axis of an image: `from` cells become `to`, by a scale that need not be their ratio. */
interface Axis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

// In single precision, as scales are, so that cells on an edge fall to the same side as elsewhere.
const half = (i: number, scale: number) => Math.fround(Math.fround((i + 0.5) / scale) - 0.5);

/** Where a new cell lies among the old ones, by the name that ONNX gives to this way of counting. */
const places: Readonly<Record<string, (i: number, axis: Axis) => number>> = {
  half_pixel: (i, { scale }) => half(i, scale),
  pytorch_half_pixel: (i, { to, scale }) => (to > 1 ? half(i, scale) : 0),
  align_corners: (i, { from, to }) => (to > 1 ? Math.fround((i * (from - 1)) / (to - 1)) : 0),
  asymmetric: (i, { scale }) => Math.fround(i / scale),
};

const roundings: Readonly<Record<string, (place: number) => number>> = {
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Images in another size. */
function resized(call: Call): Tensor {
  const x = call.x(0);
  const old = call.node.opType === "Upsample" || call.opset < 11;
  for (const name of ["antialias", "exclude_outside"]) if (call.int(name, 0) !== 0) return call.refuse(name);
  if (call.has("axes") || call.text("keep_aspect_ratio_policy", "stretch") !== "stretch")
    return call.refuse("resizing with axes or keep_aspect_ratio_policy");
  const axes = axesOf(call, x, old);
  const [batch, channels, height, width] = axes;
  if (axes.length !== 4 || batch!.from !== batch!.to || channels!.from !== channels!.to)
    return call.refuse(`resizing ${x.rank === 4 ? "batch or channels" : "what is no batch of images"}`);
  const where = call.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  const place = places[where] ?? call.refuse(`resizing with ${where}`);
  const mode = call.text("mode", "nearest");
  if (mode === "nearest") {
    const rounding = call.text("nearest_mode", old ? "floor" : "round_prefer_floor");
    const rounded = roundings[rounding] ?? call.refuse(`resizing with ${rounding}`);
    const cells = (axis: Axis) => Int32Array.from({ length: axis.to }, (_, i) => inside(rounded(place(i, axis)), axis));
    const taken = (axis: Axis) => tensorOf(cells(axis), "int32", [axis.to], x.device);
    return x.take(taken(height!), 2).take(taken(width!), 3);
  }
  if (mode !== "linear") return call.refuse(`resizing by ${mode}`);
  const weights = (axis: Axis) =>
    constantMatrix(x, axis.to, axis.from, (i, j) => Math.max(0, 1 - Math.abs(inside(place(i, axis), axis) - j)));
  return weights(height!).matmul(x).matmul(weights(width!).transpose());
}

function inside(place: number, { from }: Axis): number {
  return Math.min(from - 1, Math.max(0, place));
}

/** All axes of the input: by their new sizes, or by their scales. */
function axesOf(call: Call, x: Tensor, old: boolean): Axis[] {
  const sizes = old ? null : call.maybeNumbers(3);
  if (sizes !== null && sizes.length > 0)
    return sizes.map((to, i) => ({ from: x.shape[i]!, to, scale: to / x.shape[i]! }));
  const scales = call.maybeNumbers(old ? 1 : 2);
  if (scales === null || scales.length === 0) return call.refuse("no scales, no sizes");
  return scales.map((scale, i) => ({ from: x.shape[i]!, to: Math.floor(Math.fround(x.shape[i]! * scale)), scale }));
}

/** Images in another size. */
export const resizes: Runs = { Resize: resized, Upsample: resized };
