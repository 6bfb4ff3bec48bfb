import type { Key } from "../../random/key.ts";
import { tensorOf } from "../../tensor/create.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { drawn, perImage, requireAmount, requireImages } from "./per-image.ts";

export interface JitterOptions {
  readonly key: Key;
  /** Values are multiplied by 1 − b … 1 + b. */
  readonly brightness?: number;
  /** Distances from the mean grey are multiplied by 1 − c … 1 + c. */
  readonly contrast?: number;
  /** Distances from each pixel's grey are multiplied by 1 − s … 1 + s; for images of three channels. */
  readonly saturation?: number;
}

/**
 * Brightness, contrast and saturation changed by factors drawn for each image, one after the other; values are kept in
 * 0 … 1 after each, as in torchvision's `ColorJitter`.
 */
export function jitter(images: Tensor, options: JitterOptions): Tensor<"float32"> {
  const { batch, channels } = requireImages("jitter", images);
  const { key, brightness = 0, contrast = 0, saturation = 0 } = options;
  for (const [name, value] of Object.entries({ brightness, contrast, saturation }))
    requireAmount("jitter", name, value);
  const factor = (name: string, amount: number) =>
    perImage(drawn(key.child(name), batch, Math.max(0, 1 - amount), 1 + amount), images);
  let x = images;
  const blended = (base: Tensor, share: Tensor) => base.add(x.sub(base).mul(share)).clamp({ min: 0, max: 1 });
  if (brightness > 0) x = x.mul(factor("brightness", brightness)).clamp({ min: 0, max: 1 });
  if (contrast > 0)
    x = blended(grey(x, channels).mean({ axis: [1, 2, 3], keepDims: true }), factor("contrast", contrast));
  if (saturation > 0 && channels === 3) x = blended(grey(x, channels), factor("saturation", saturation));
  return x as Tensor<"float32">;
}

/** How bright red, green and blue seem (ITU-R BT.601). */
function grey(images: Tensor, channels: number): Tensor {
  if (channels !== 3) return images.mean({ axis: 1, keepDims: true });
  const weights = tensorOf(Float32Array.of(0.299, 0.587, 0.114), "float32", [1, 3, 1, 1], images.device);
  return images.mul(weights).sum({ axis: 1, keepDims: true });
}
