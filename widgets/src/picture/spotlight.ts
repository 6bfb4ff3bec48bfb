import type { PatchedImage } from "../attention/example.ts";

/** What is not attended to fades into a fog of middle grey, which shows on light and on dark images. */
const fog = 128;
const least = 0.16;

/**
 * The image with its patches as clear as they are attended to: bytes red, green, blue.
 * @param weights one for each patch, row by row
 * @param high the weight of a patch that is entirely clear
 * @param blocks whether patches have edges; else what is between their middles is between their weights, too
 */
export function spotlit(
  image: PatchedImage,
  weights: ArrayLike<number>,
  { high, blocks, width, height }: { high: number; blocks: boolean; width: number; height: number },
): Uint8Array {
  const pixels = resampled(image, width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [row, column] = [((y + 0.5) / height) * image.rows, ((x + 0.5) / width) * image.columns];
      const weight = blocks
        ? weights[Math.floor(row) * image.columns + Math.floor(column)]!
        : between(weights, image, row - 0.5, column - 0.5);
      const clear = least + (1 - least) * Math.min(1, (weight || 0) / high);
      for (let at = 3 * (y * width + x); at < 3 * (y * width + x) + 3; at++)
        pixels[at] = Math.round(fog + clear * (pixels[at]! - fog));
    }
  }
  return pixels;
}

/** Bilinear, and beyond the middles of the outer patches as at them. */
function between(weights: ArrayLike<number>, { rows, columns }: PatchedImage, row: number, column: number): number {
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const at = (r: number, c: number) =>
    weights[Math.max(0, Math.min(rows - 1, r)) * columns + Math.max(0, Math.min(columns - 1, c))]! || 0;
  const [down, across] = [row - top, column - left];
  const upper = at(top, left) * (1 - across) + at(top, left + 1) * across;
  const lower = at(top + 1, left) * (1 - across) + at(top + 1, left + 1) * across;
  return upper * (1 - down) + lower * down;
}

/** The image in another size: larger by its nearest pixels, smaller by the means of those that are covered. */
export function resampled(image: PatchedImage, width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(3 * width * height);
  const span = (index: number, from: number, to: number): [number, number] => {
    const start = Math.floor((index * from) / to);
    return [start, Math.max(start + 1, Math.floor(((index + 1) * from) / to))];
  };
  for (let y = 0; y < height; y++) {
    const [top, bottom] = span(y, image.height, height);
    for (let x = 0; x < width; x++) {
      const [left, right] = span(x, image.width, width);
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let from = top; from < bottom; from++)
          for (let column = left; column < right; column++)
            sum += image.pixels[3 * (from * image.width + column) + channel]!;
        pixels[3 * (y * width + x) + channel] = Math.round(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return pixels;
}
