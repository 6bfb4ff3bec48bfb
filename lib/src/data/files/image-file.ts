import { readFile, writeFile } from "../../device/node.ts";
import { ArgumentError, DataError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { decodeJpeg, encodeJpeg } from "./jpeg.ts";
import { decodePng, encodePng } from "./png.ts";

/** The picture in a PNG or JPEG file, `[channels, height, width]` from 0 to 1. */
export async function readImage(path: string): Promise<Tensor<"float32">> {
  const file = new Uint8Array(
    await readFile(path).catch((error: NodeJS.ErrnoException) => {
      throw new DataError(
        "readImage",
        `${path}: ${error.code === "ENOENT" ? "there is no such file" : error.message}.`,
      );
    }),
  );
  if (file[0] === 0x89 && file[1] === 0x50) return decodePng(file);
  if (file[0] === 0xff && file[1] === 0xd8) return decodeJpeg(file);
  throw new DataError("readImage", `${path} is neither a PNG nor a JPEG file.`);
}

/** Writes a picture as the end of the file's name says: `.png`, `.jpg` or `.jpeg`. */
export async function writeImage(path: string, image: Tensor): Promise<void> {
  if (/\.png$/i.test(path)) return writeFile(path, await encodePng(image));
  if (/\.jpe?g$/i.test(path)) return writeFile(path, await encodeJpeg(image));
  throw new ArgumentError("writeImage", `${path} ends neither in .png nor in .jpg, expected one of them.`);
}
