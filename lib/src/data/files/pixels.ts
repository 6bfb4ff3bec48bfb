import { tensorOf } from "../../tensor/create.ts";
import { ShapeError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** How pixels lie: row by row, the channels of each side by side, from 0 to `top`. */
export interface PixelLayout {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly top: number;
}

/** Pixels as a tensor `[channels, height, width]` from 0 to 1. */
export function fromPixels(
  pixels: ArrayLike<number>,
  { width, height, channels, top }: PixelLayout,
): Tensor<"float32"> {
  const size = width * height;
  const values = new Float32Array(channels * size);
  for (let i = 0; i < size; i++)
    for (let c = 0; c < channels; c++) values[c * size + i] = pixels[i * channels + c]! / top;
  return tensorOf(values, "float32", [channels, height, width]);
}

/** The reverse, rounded and clipped. */
export async function toPixels(image: Tensor, { width, height, channels, top }: PixelLayout): Promise<Float32Array> {
  const values = await image.data();
  const size = width * height;
  const pixels = new Float32Array(channels * size);
  for (let i = 0; i < size; i++)
    for (let c = 0; c < channels; c++)
      pixels[i * channels + c] = Math.round(Math.min(1, Math.max(0, values[c * size + i]! || 0)) * top);
  return pixels;
}

/** The sizes of a picture, `[channels, height, width]` or `[height, width]`. */
export function requireImage(who: string, image: Tensor, most: number): Omit<PixelLayout, "top"> {
  const { shape } = image;
  const [channels, height, width] = (shape.length === 2 ? [1, ...shape] : shape) as [number, number, number];
  if (shape.length < 2 || shape.length > 3 || channels < 1 || channels > most || height < 1 || width < 1)
    throw new ShapeError(
      who,
      `the picture is [${shape.join(", ")}], expected [channels, height, width] with 1 … ${most} channels.`,
      [shape],
    );
  return { channels, height, width };
}
