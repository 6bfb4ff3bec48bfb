import { convertIndexedToRgb, decode, encode } from "fast-png";
import { tensorOf } from "../../tensor/create.ts";
import { DataError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { fromPixels, requireImage, toPixels } from "./pixels.ts";

/**
 * The picture of a PNG file, `[channels, height, width]` from 0 to 1: one channel for grey, three for colour, one more
 * where some of it is transparent. Palettes and depths from 1 to 16 bits are read.
 */
export function decodePng(file: Uint8Array): Tensor<"float32"> {
  let png: ReturnType<typeof decode>;
  try {
    png = decode(file, { checkCrc: true });
  } catch {
    throw new DataError("decodePng", `the ${file.length} bytes are no PNG file, or one that is damaged.`);
  }
  const { width, height, depth } = png;
  if (png.palette !== undefined) {
    const rgb = convertIndexedToRgb(png);
    return fromPixels(rgb, { width, height, channels: rgb.length / (width * height), top: 255 });
  }
  if (depth >= 8) return fromPixels(png.data, { width, height, channels: png.channels, top: 2 ** depth - 1 });
  // Several pixels in a byte, the left one highest; rows begin with a new byte.
  const bytes = Math.ceil((width * depth) / 8);
  const values = Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const byte = png.data[y * bytes + Math.floor((x * depth) / 8)]!;
    return ((byte >> (8 - depth - ((x * depth) % 8))) & (2 ** depth - 1)) / (2 ** depth - 1);
  });
  return tensorOf(values, "float32", [1, height, width]);
}

/**
 * A PNG file of a picture `[channels, height, width]` or `[height, width]`, values from 0 to 1; those outside are
 * clipped. One to four channels: grey, grey and opacity, colour, colour and opacity.
 *
 * @example
 * ```ts
 * import { data, zeros } from "gradbook";
 *
 * const file = await data.encodePng(zeros([3, 2, 4]));
 * console.log(data.decodePng(file).shape); // [ 3, 2, 4 ]
 * ```
 */
export async function encodePng(image: Tensor, { depth = 8 }: { readonly depth?: 8 | 16 } = {}): Promise<Uint8Array> {
  const { channels, height, width } = requireImage("encodePng", image, 4);
  const pixels = await toPixels(image, { channels, height, width, top: 2 ** depth - 1 });
  const data = depth === 16 ? Uint16Array.from(pixels) : Uint8Array.from(pixels);
  return encode({ width, height, data, channels: channels as 1 | 2 | 3 | 4, depth });
}
