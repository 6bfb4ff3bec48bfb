import type { Key } from "../../random/key.ts";
import { tensorOf } from "../../tensor/create.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { drawn, picked, requireAmount, requireImages } from "./per-image.ts";

export interface CropOptions {
  /** Height and width of the part; one number for both. */
  readonly size: number | readonly [number, number];
}

export interface RandomCropOptions extends CropOptions {
  readonly key: Key;
  /** Zeros put around the images first; 0 if not said. */
  readonly padding?: number;
}

function sizesOf(
  who: string,
  size: number | readonly [number, number],
  height: number,
  width: number,
): [number, number] {
  const [h, w] = typeof size === "number" ? [size, size] : size;
  if (!(Number.isInteger(h) && Number.isInteger(w) && h > 0 && w > 0 && h <= height && w <= width))
    throw new ArgumentError(who, `a part of ${h}×${w} does not fit into ${height}×${width}.`);
  return [h, w];
}

/** A part of each image at a place of its own, drawn evenly. */
export function randomCrop(images: Tensor, { size, key, padding = 0 }: RandomCropOptions): Tensor<"float32"> {
  const { batch, height, width } = requireImages("randomCrop", images);
  if (!Number.isInteger(padding))
    throw new ArgumentError("randomCrop", `padding is ${padding}, expected a whole number.`);
  requireAmount("randomCrop", "padding", padding);
  const [h, w] = sizesOf("randomCrop", size, height + 2 * padding, width + 2 * padding);
  const tops = drawn(key.child("top"), batch, 0, height + 2 * padding - h + 1);
  const lefts = drawn(key.child("left"), batch, 0, width + 2 * padding - w + 1);
  const places = new Int32Array(batch * h * w);
  let at = 0;
  for (let i = 0; i < batch; i++) {
    const [top, left] = [Math.floor(tops[i]!) - padding, Math.floor(lefts[i]!) - padding];
    for (let y = top; y < top + h; y++)
      for (let x = left; x < left + w; x++)
        places[at++] = y < 0 || y >= height || x < 0 || x >= width ? -1 : y * width + x;
  }
  return picked(images, places, [h, w]);
}

/** The middle of each image. */
export function centerCrop(images: Tensor, { size }: CropOptions): Tensor {
  const { height, width } = requireImages("centerCrop", images);
  const [h, w] = sizesOf("centerCrop", size, height, width);
  const [top, left] = [Math.floor((height - h) / 2), Math.floor((width - w) / 2)];
  return images.slice({ axis: 2, start: top, stop: top + h }).slice({ axis: 3, start: left, stop: left + w });
}

export interface RandomFlipOptions {
  readonly key: Key;
  /** Which share of the images; 0.5 if not said. */
  readonly probability?: number;
  /** −1, left and right, if not said; −2 is top and bottom. */
  readonly axis?: number;
}

/** Some of the images mirrored. */
export function randomFlip(
  images: Tensor,
  { key, probability = 0.5, axis = -1 }: RandomFlipOptions,
): Tensor<"float32"> {
  const { batch } = requireImages("randomFlip", images);
  requireAmount("randomFlip", "probability", probability, 1);
  const chosen = Uint8Array.from(drawn(key, batch), (u) => (u < probability ? 1 : 0));
  return tensorOf(chosen, "bool", [batch, 1, 1, 1], images.device).where(
    images.flip(axis),
    images,
  ) as Tensor<"float32">;
}
