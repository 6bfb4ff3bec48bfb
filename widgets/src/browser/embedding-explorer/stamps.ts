import { isInside, type Shape } from "../../picture/class-marks.ts";
import type { Colour } from "../../picture/colours.ts";

/** Marks are drawn at fractions of a pixel, so that they glide: so many in each direction. */
export const phases = 2;
const samples = 4;

/** How a mark looks. */
export interface Look {
  readonly shape: Shape;
  /** In pixels of the screen. */
  readonly radius: number;
  readonly colour: Colour;
  /** What sets it off from marks below. */
  readonly edge: Colour | undefined;
  readonly edgeWidth: number;
  readonly opacity: number;
}

/** A mark as pixels, ready to be put anywhere. */
export interface Stamp {
  /** From the pixel of its middle. */
  readonly dx: Int8Array;
  readonly dy: Int8Array;
  /** As the four bytes of an image's pixel. */
  readonly colours: Uint32Array;
  /** 1 … 255 */
  readonly opacities: Uint8Array;
  /** No pixel is farther from the middle. */
  readonly reach: number;
}

/** Four bytes red, green, blue, opaque, as one number of this machine's order. */
export function packed([red, green, blue]: Colour): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** A colour between two others. */
export function mixed(from: Colour, to: Colour, share: number): Colour {
  const mix = (channel: 0 | 1 | 2) => Math.round(from[channel] + (to[channel] - from[channel]) * share);
  return [mix(0), mix(1), mix(2)];
}

/** Draws a mark whose middle lies `phaseX / phases` and `phaseY / phases` of a pixel beyond a pixel's middle. */
export function stampOf(look: Look, phaseX: number, phaseY: number): Stamp {
  const { shape, radius, colour, edge, edgeWidth, opacity } = look;
  const outer = radius + (edge ? edgeWidth : 0);
  const reach = Math.ceil(outer * 1.3) + 1;
  const dx: number[] = [];
  const dy: number[] = [];
  const colours: number[] = [];
  const opacities: number[] = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      let [inner, all] = [0, 0];
      for (let sy = 0; sy < samples; sy++) {
        for (let sx = 0; sx < samples; sx++) {
          const px = x + (sx + 0.5) / samples - 0.5 - phaseX / phases;
          const py = y + (sy + 0.5) / samples - 0.5 - phaseY / phases;
          if (isInside(shape, px / radius, py / radius)) inner++;
          if (isInside(shape, px / outer, py / outer)) all++;
        }
      }
      const covered = Math.round(255 * opacity * (all / samples ** 2));
      if (covered === 0) continue;
      dx.push(x);
      dy.push(y);
      colours.push(packed(edge ? mixed(edge, colour, Math.min(1, inner / all)) : colour));
      opacities.push(covered);
    }
  }
  return {
    dx: Int8Array.from(dx),
    dy: Int8Array.from(dy),
    colours: Uint32Array.from(colours),
    opacities: Uint8Array.from(opacities),
    reach,
  };
}

/** Makes each stamp once. */
export class Stamps {
  readonly #made = new Map<string, readonly Stamp[]>();

  /** The stamps of a look at all fractions of a pixel, row by row. `key` names the look. */
  of(key: string, look: () => Look): readonly Stamp[] {
    let stamps = this.#made.get(key);
    if (!stamps) {
      // Looks of sizes that are past, as while zooming, are not needed again soon.
      if (this.#made.size > 2000) this.#made.clear();
      const chosen = look();
      stamps = Array.from({ length: phases * phases }, (_, i) => stampOf(chosen, i % phases, Math.floor(i / phases)));
      this.#made.set(key, stamps);
    }
    return stamps;
  }

  clear(): void {
    this.#made.clear();
  }
}
