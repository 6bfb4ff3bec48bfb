import type { Sample, Statistics } from "./statistics.ts";

/** A picture has this many pixels along its longer side, at most. */
const longest = 112;

type Colour = readonly [number, number, number];
/** Where a value is no number that has a shade. */
const wrong: Colour = [217, 119, 6];

/**
 * A small picture of values that lie like an image, `[height, width]` or `[1 or 3, height, width]`, as HTML; nothing of
 * others. Grey, colours where there are three channels, or blue, white and red for a matrix of both signs.
 */
export async function pictureOf(sample: Sample, statistics: Statistics, dtype: string): Promise<string> {
  const { shape, values } = sample;
  const channels = shape.length === 2 ? 1 : shape.length === 3 && (shape[0] === 1 || shape[0] === 3) ? shape[0] : 0;
  const [height, width] = [shape.at(-2)!, shape.at(-1)!];
  if (channels === 0 || statistics.finite === 0) return "";
  if (Math.min(height, width) < 3 || Math.max(height, width) > 16 * Math.min(height, width)) return "";
  const step = Math.ceil(Math.max(height, width) / longest);
  const [rows, columns] = [Math.ceil(height / step), Math.ceil(width / step)];
  const shade = shading(statistics, shape.length === 2, dtype);
  const data = new Uint8Array(3 * rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const at = step * (row * width + column);
      const pixel = 3 * (row * columns + column);
      if (channels === 3) {
        const parts = [0, 1, 2].map((channel) => values[channel * height * width + at]!);
        data.set(parts.every(Number.isFinite) ? parts.map((part) => shade(part)[0]) : wrong, pixel);
      } else data.set(Number.isFinite(values[at]!) ? shade(values[at]!) : wrong, pixel);
    }
  // Not needed by whoever shows no picture.
  const { encode } = await import("fast-png");
  const file = encode({ width: columns, height: rows, data, channels: 3, depth: 8 });
  const scale = Math.max(1, Math.floor(170 / Math.max(rows, columns)));
  const skipped = step * Math.max(...sample.steps) > 1 ? ", some rows and columns left out" : "";
  const words = `Picture of ${height} × ${width} values${skipped}`;
  return `<img alt="${words}" title="${words}" width="${scale * columns}" height="${scale * rows}" style="image-rendering:pixelated;border:1px solid rgba(128,128,128,.4)" src="data:image/png;base64,${base64(file)}">`;
}

/** The colour of a value: images keep their own range, matrices of both signs are white at zero. */
function shading({ low, high }: Statistics, matrix: boolean, dtype: string): (value: number) => Colour {
  if (matrix && low < 0 && high > 0) {
    const most = Math.max(-low, high);
    return (value) => signed(value / most);
  }
  const [from, until] =
    low >= 0 && high <= 1 ? [0, 1] : dtype === "int32" && low >= 0 && high <= 255 ? [0, 255] : [low, high];
  return (value) => {
    const grey = until > from ? Math.round((255 * (value - from)) / (until - from)) : 128;
    return [grey, grey, grey];
  };
}

/** From blue at −1 over white to red at 1. */
function signed(place: number): Colour {
  const end: Colour = place < 0 ? [33, 102, 172] : [178, 24, 43];
  const share = Math.abs(place);
  return [0, 1, 2].map((i) => Math.round(247 + share * (end[i]! - 247))) as unknown as Colour;
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
