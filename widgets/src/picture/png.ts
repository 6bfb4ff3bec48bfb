import { encode } from "fast-png";

/** Pixels to be painted on: bytes red, green, blue, opacity, row by row. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly #pixels: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#pixels = new Uint8Array(width * height * 4);
  }

  /** Paints a picture of bytes red, green, blue, every pixel as a square of `scale` × `scale`. */
  paint(rgb: Uint8Array, width: number, left: number, top: number, scale: number): void {
    const height = rgb.length / 3 / width;
    for (let y = 0; y < height * scale; y++) {
      for (let x = 0; x < width * scale; x++) {
        const from = 3 * (Math.floor(y / scale) * width + Math.floor(x / scale));
        const to = 4 * ((top + y) * this.width + left + x);
        this.#pixels[to] = rgb[from]!;
        this.#pixels[to + 1] = rgb[from + 1]!;
        this.#pixels[to + 2] = rgb[from + 2]!;
        this.#pixels[to + 3] = 255;
      }
    }
  }

  /** The picture as a PNG file. */
  png(): Uint8Array {
    return encode({ width: this.width, height: this.height, data: this.#pixels, channels: 4, depth: 8 });
  }
}

/** A PNG file as an address that a picture can hold. */
export function pngAddress(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString("base64")}`;
}
