import type { Colour } from "../../picture/colours.ts";
import type { Sprites } from "./sprites.ts";
import { packed, phases, type Stamp } from "./stamps.ts";

/** How much of what lies below the strokes of an image is covered. */
const veil = 0.5;

/**
 * Pixels that thousands of marks are put on. Drawn by hand because it is several times faster than a canvas's own
 * paths and pictures where no graphics card helps, and just as fast as it is where one does: one picture a frame is sent.
 */
export class Raster {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8ClampedArray<ArrayBuffer>;
  readonly #pixels: Uint32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    const memory = new ArrayBuffer(4 * width * height);
    this.bytes = new Uint8ClampedArray(memory);
    this.#pixels = new Uint32Array(memory);
  }

  clear(paper: Colour): void {
    this.#pixels.fill(packed(paper));
  }

  /** Puts a mark at a place in pixels; `stamps` has it at all fractions of a pixel. */
  mark(stamps: readonly Stamp[], x: number, y: number): void {
    const column = Math.floor(x * phases + 0.5);
    const row = Math.floor(y * phases + 0.5);
    const [left, top] = [Math.floor(column / phases), Math.floor(row / phases)];
    const stamp = stamps[(row - top * phases) * phases + column - left * phases]!;
    const { reach, dx, dy, colours, opacities } = stamp;
    if (left < -reach || top < -reach || left >= this.width + reach || top >= this.height + reach) return;
    const isWhole = left >= reach && top >= reach && left + reach < this.width && top + reach < this.height;
    const pixels = this.#pixels;
    const start = top * this.width + left;
    for (let k = 0; k < dx.length; k++) {
      if (!isWhole) {
        const [px, py] = [left + dx[k]!, top + dy[k]!];
        if (px < 0 || py < 0 || px >= this.width || py >= this.height) continue;
      }
      const at = start + dy[k]! * this.width + dx[k]!;
      const opacity = opacities[k]!;
      pixels[at] = opacity === 255 ? colours[k]! : over(pixels[at]!, colours[k]!, opacity);
    }
  }

  /**
   * Puts a small image, `width` × `height` pixels, with its middle at a place. Strokes are drawn in the colour `tint`, on
   * a veil of the ground, so that those on top can be told from those below.
   */
  sprite(
    sprites: Sprites,
    index: number,
    x: number,
    y: number,
    width: number,
    height: number,
    tint: Colour,
    ground: Colour,
    opacity: number,
  ): void {
    const [left, top] = [Math.round(x - width / 2), Math.round(y - height / 2)];
    if (left + width <= 0 || top + height <= 0 || left >= this.width || top >= this.height) return;
    const level = sprites.levelFor(width);
    const cell = sprites.cell(level, index);
    const { pixels, stride, planes } = level;
    const strength = Math.round(opacity * 256);
    const [stepX, stepY] = [level.width / width, level.height / height];
    const tinted = packed(tint);
    const paper = packed(ground);
    const wash = Math.round(veil * 256 * opacity);
    for (let j = Math.max(0, -top); j < height && top + j < this.height; j++) {
      const v = Math.min(level.height - 1, Math.max(0, (j + 0.5) * stepY - 0.5));
      const row = Math.floor(v);
      const down = row + 1 < level.height ? stride : 0;
      const shareY = v - row;
      for (let i = Math.max(0, -left); i < width && left + i < this.width; i++) {
        const u = Math.min(level.width - 1, Math.max(0, (i + 0.5) * stepX - 0.5));
        const column = Math.floor(u);
        const right = column + 1 < level.width ? planes : 0;
        const shareX = u - column;
        const at = cell + row * stride + column * planes;
        const target = (top + j) * this.width + left + i;
        if (sprites.ink) {
          const value = mix4(pixels, at, right, down, shareX, shareY);
          const covered = (value * strength) >> 8;
          const below = over(this.#pixels[target]!, paper, wash);
          this.#pixels[target] = covered > 3 ? over(below, tinted, covered) : below;
          continue;
        }
        const red = mix4(pixels, at, right, down, shareX, shareY);
        const green = planes === 3 ? mix4(pixels, at + 1, right, down, shareX, shareY) : red;
        const blue = planes === 3 ? mix4(pixels, at + 2, right, down, shareX, shareY) : red;
        const colour = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
        this.#pixels[target] = strength >= 256 ? colour : over(this.#pixels[target]!, colour, strength);
      }
    }
  }

  /** A line of one pixel around a box. */
  frame(left: number, top: number, width: number, height: number, colour: Colour): void {
    const paint = packed(colour);
    const put = (x: number, y: number) => {
      if (x >= 0 && y >= 0 && x < this.width && y < this.height) this.#pixels[y * this.width + x] = paint;
    };
    for (let x = left; x < left + width; x++) {
      put(x, top);
      put(x, top + height - 1);
    }
    for (let y = top; y < top + height; y++) {
      put(left, y);
      put(left + width - 1, y);
    }
  }
}

/** One colour over another, 0 … 255 of it. Red and blue are mixed together: there are eight free bits between them. */
function over(below: number, above: number, opacity: number): number {
  const share = opacity + (opacity >> 7);
  const rest = 256 - share;
  const redBlue = ((above & 0xff00ff) * share + (below & 0xff00ff) * rest) >>> 8;
  const green = ((above & 0x00ff00) * share + (below & 0x00ff00) * rest) >>> 8;
  return (0xff000000 | (redBlue & 0xff00ff) | (green & 0x00ff00)) >>> 0;
}

/** The value between four pixels. */
function mix4(pixels: Uint8Array, at: number, right: number, down: number, shareX: number, shareY: number): number {
  const above = pixels[at]! + (pixels[at + right]! - pixels[at]!) * shareX;
  const below = pixels[at + down]! + (pixels[at + down + right]! - pixels[at + down]!) * shareX;
  return (above + (below - above) * shareY) | 0;
}
