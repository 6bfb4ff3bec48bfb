import type { Thumbnails } from "../../embedding/thumbnails.ts";
import { Sprites } from "./sprites.ts";

/** Reads the images out of their PNG. */
export async function spritesOf({ columns, width, height, ink }: Thumbnails, png: DataView): Promise<Sprites> {
  const bytes = new Uint8Array(png.buffer as ArrayBuffer, png.byteOffset, png.byteLength);
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, picture.width, picture.height);
  const planes = ink || isGrey(data) ? 1 : 3;
  const pixels = new Uint8Array(picture.width * picture.height * planes);
  for (let i = 0; i < picture.width * picture.height; i++)
    for (let plane = 0; plane < planes; plane++) pixels[i * planes + plane] = data[4 * i + plane]!;
  return new Sprites({ pixels, stride: picture.width * planes, planes, width, height }, columns, ink);
}

function isGrey(data: Uint8ClampedArray): boolean {
  for (let i = 0; i < data.length; i += 4) if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  return true;
}
