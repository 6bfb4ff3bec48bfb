/** All images at one size, side by side. */
export interface Level {
  readonly pixels: Uint8Array;
  /** Bytes from a row to the next. */
  readonly stride: number;
  readonly planes: 1 | 3;
  /** Of one image. */
  readonly width: number;
  readonly height: number;
}

/** The images of points at their size, at half of it, and so on: drawing them small would skip pixels otherwise. */
export class Sprites {
  readonly ink: boolean;
  /** Width by height. */
  readonly aspect: number;
  readonly width: number;
  readonly #columns: number;
  readonly #levels: Level[];

  constructor(level: Level, columns: number, ink: boolean) {
    this.ink = ink;
    this.aspect = level.width / level.height;
    this.width = level.width;
    this.#columns = columns;
    this.#levels = [level];
    while (this.#levels.at(-1)!.width >= 8 && this.#levels.at(-1)!.height >= 8)
      this.#levels.push(halved(this.#levels.at(-1)!, columns));
  }

  /** The smallest level that still has a pixel for each of so many. */
  levelFor(width: number): Level {
    let found = this.#levels[0]!;
    for (const level of this.#levels) if (level.width >= width) found = level;
    return found;
  }

  /** Where an image begins. */
  cell({ stride, width, height, planes }: Level, index: number): number {
    return Math.floor(index / this.#columns) * height * stride + (index % this.#columns) * width * planes;
  }
}

/** Means of four pixels; what does not divide is cut off. */
function halved({ pixels, stride, planes, width, height }: Level, columns: number): Level {
  const rows = Math.round(pixels.length / stride / height);
  const half = { width: width >> 1, height: height >> 1 };
  const halfStride = columns * half.width * planes;
  const result = new Uint8Array(rows * half.height * halfStride);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let y = 0; y < half.height; y++) {
        for (let x = 0; x < half.width; x++) {
          for (let plane = 0; plane < planes; plane++) {
            const from = (row * height + 2 * y) * stride + (column * width + 2 * x) * planes + plane;
            const sum =
              pixels[from]! + pixels[from + planes]! + pixels[from + stride]! + pixels[from + stride + planes]!;
            result[(row * half.height + y) * halfStride + (column * half.width + x) * planes + plane] = (sum + 2) >> 2;
          }
        }
      }
    }
  }
  return { pixels: result, stride: halfStride, planes, ...half };
}
