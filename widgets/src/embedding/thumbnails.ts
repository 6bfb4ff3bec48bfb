import { encode } from "fast-png";
import { sizes, type Values } from "../data.ts";

/** Small images of all points in one picture, row by row. */
export interface Thumbnails {
  /** A PNG file, grey or in colour. */
  readonly png: Uint8Array;
  /** How many images lie side by side. */
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  /** Whether they are strokes on an empty ground, such as digits, rather than pictures that fill their frame. */
  readonly ink: boolean;
}

const expected = "expected [points, height, width], or [points, 1 or 3, height, width]";
const who = "embeddingExplorer: images";

/** As many pixels as the notebook's file can well hold; images of more are made smaller. */
const mostPixels = 2_500_000;
const largestSide = 64;

/** Sizes of images, checked against the number of points. */
export function imageShape(shape: readonly number[], count: number) {
  const [images, ...rest] = shape;
  const [height, width] = rest.slice(-2);
  const planes = rest.length === 3 ? rest[0] : 1;
  const wrong = rest.length < 2 || rest.length > 3 || (planes !== 1 && planes !== 3) || !height || !width;
  if (wrong) throw new RangeError(`${who} are ${sizes(shape)}, ${expected}.`);
  if (images !== count)
    throw new RangeError(`${who} are ${sizes(shape)}, ${images} images for ${count} points: ${expected}.`);
  return { planes: planes as 1 | 3, height, width };
}

/** Makes the picture of all images, each as large as the file can hold. Values are stretched to black … white. */
export function thumbnailsOf({ shape, values }: Values): Thumbnails {
  const count = shape[0]!;
  const { planes, height, width } = imageShape(shape, count);
  const affordable = Math.sqrt(mostPixels / Math.max(1, count * height * width));
  const factor = Math.max(1, Math.ceil(1 / affordable), Math.ceil(Math.max(height, width) / largestSide));
  const small = { width: Math.max(1, Math.floor(width / factor)), height: Math.max(1, Math.floor(height / factor)) };
  const columns = Math.max(1, Math.ceil(Math.sqrt((count * small.height) / small.width)));
  const [across, down] = [columns * small.width, Math.max(1, Math.ceil(count / columns)) * small.height];
  const data = new Uint8Array(across * down * planes);
  const [low, high] = rangeOf(values);
  const scale = high > low ? 255 / (high - low) : 0;
  for (let image = 0; image < count; image++) {
    const left = (image % columns) * small.width;
    const top = Math.floor(image / columns) * small.height;
    for (let plane = 0; plane < planes; plane++) {
      const from = (image * planes + plane) * height * width;
      for (let y = 0; y < small.height; y++) {
        for (let x = 0; x < small.width; x++) {
          const mean = meanOf(values, from + y * factor * width + x * factor, width, factor, height, y, x);
          data[((top + y) * across + left + x) * planes + plane] = Math.round((mean - low) * scale);
        }
      }
    }
  }
  const png = encode({ width: across, height: down, data, channels: planes, depth: 8 });
  return { png, columns, ...small, ink: planes === 1 && isInk(values, low, high) };
}

/** The mean of a square of values. */
function meanOf(
  values: ArrayLike<number>,
  from: number,
  stride: number,
  side: number,
  height: number,
  y: number,
  x: number,
): number {
  if (side === 1) return finite(values[from]!);
  let [sum, count] = [0, 0];
  for (let dy = 0; dy < side && y * side + dy < height; dy++) {
    for (let dx = 0; dx < side && x * side + dx < stride; dx++) {
      sum += finite(values[from + dy * stride + dx]!);
      count++;
    }
  }
  return sum / count;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

function rangeOf(values: ArrayLike<number>): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = finite(values[i]!);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Strokes leave most of the ground empty, which is the lowest value of all. */
function isInk(values: ArrayLike<number>, low: number, high: number): boolean {
  const limit = low + 0.02 * (high - low);
  let empty = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! <= limit) empty++;
  return empty > 0.35 * values.length;
}
