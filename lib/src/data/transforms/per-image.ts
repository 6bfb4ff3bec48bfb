import type { Key } from "../../random/key.ts";
import { tensorOf } from "../../tensor/create.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** Sizes of a batch of images, `[batch, channels, height, width]`. */
export interface ImageSizes {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Refuses what is no batch of images. */
export function requireImages(who: string, images: Tensor): ImageSizes {
  const { shape } = images;
  if (shape.length !== 4) {
    const hint = shape.length === 3 ? " One image as a batch: x.expandDims(0)." : "";
    throw new ShapeError(
      who,
      `the images are [${shape.join(", ")}], expected [batch, channels, height, width].${hint}`,
      [shape],
    );
  }
  const [batch, channels, height, width] = shape as [number, number, number, number];
  return { batch, channels, height, width };
}

/** Numbers drawn evenly from low … high, one for each image, or `count`. */
export function drawn(key: Key, count: number, low = 0, high = 1): Float64Array {
  return Float64Array.from(key.bits(count), (word) => low + (high - low) * ((word >>> 0) / 2 ** 32));
}

/** Refuses a number that is negative or none. */
export function requireAmount(who: string, name: string, value: number, most = Number.POSITIVE_INFINITY): void {
  if (!(value >= 0 && value <= most))
    throw new ArgumentError(
      who,
      `${name} is ${value}, expected 0 ${most === Number.POSITIVE_INFINITY ? "or more" : `… ${most}`}.`,
    );
}

/** A number for each image, as it meets them: `[batch, 1, 1, 1]`. */
export function perImage(values: ArrayLike<number>, like: Tensor): Tensor<"float32"> {
  return tensorOf(Float32Array.from(values), "float32", [values.length, 1, 1, 1], like.device);
}

/** Pixels from whole places of their own image, `[batch, h · w]` into height · width, −1 for 0: `[batch, channels, h, w]`. */
export function picked(images: Tensor, places: Int32Array, [h, w]: readonly [number, number]): Tensor<"float32"> {
  const [batch, channels, height, width] = images.shape as [number, number, number, number];
  const size = h * w;
  const rows = Int32Array.from(places, (place, i) => Math.max(0, place) + Math.floor(i / size) * height * width);
  const flat = images.transpose([0, 2, 3, 1]).reshape([batch * height * width, channels]);
  let found = flat.take(tensorOf(rows, "int32", [batch * size], images.device)) as Tensor;
  if (places.includes(-1)) {
    const inside = Uint8Array.from(places, (place) => (place < 0 ? 0 : 1));
    found = tensorOf(inside, "bool", [batch * size, 1], images.device).where(found, 0);
  }
  return found.reshape([batch, h, w, channels]).transpose([0, 3, 1, 2]) as Tensor<"float32">;
}
