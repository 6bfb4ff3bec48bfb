import type * as Jpeg from "jpeg-js";
import { ArgumentError, DataError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { fromPixels, requireImage, toPixels } from "./pixels.ts";
import { required } from "./required.ts";

const jpeg = () => required<typeof Jpeg>("jpeg-js");

/** The picture of a JPEG file, red, green and blue: `[3, height, width]` from 0 to 1. */
export function decodeJpeg(file: Uint8Array): Tensor<"float32"> {
  try {
    const { width, height, data } = jpeg().decode(file, {
      useTArray: true,
      formatAsRGBA: false,
      maxResolutionInMP: 1000,
      maxMemoryUsageInMB: 8192,
    });
    return fromPixels(data, { width, height, channels: 3, top: 255 });
  } catch {
    throw new DataError("decodeJpeg", `the ${file.length} bytes are no JPEG file, or one that is damaged.`);
  }
}

/** A JPEG file of a picture `[3, height, width]`, or of a grey one `[1, height, width]`, values from 0 to 1. */
export async function encodeJpeg(
  image: Tensor,
  { quality = 90 }: { readonly quality?: number } = {},
): Promise<Uint8Array> {
  if (!(quality >= 1 && quality <= 100))
    throw new ArgumentError("encodeJpeg", `quality is ${quality}, expected 1 … 100.`);
  const { channels, height, width } = requireImage("encodeJpeg", image, 3);
  if (channels === 2) throw new ArgumentError("encodeJpeg", "the picture has 2 channels, expected 1 or 3.");
  const pixels = await toPixels(image, { channels, height, width, top: 255 });
  const rgba = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = pixels[channels * i + (channels === 1 ? 0 : c)]!;
  return new Uint8Array(jpeg().encode({ width, height, data: rgba }, quality).data);
}
