import type { Colour } from "../../picture/colours.ts";
import { faint, normal, strong } from "./explorer.ts";
import type { Looks, Surface } from "./looks.ts";
import type { Placed } from "./projection.ts";
import { Raster } from "./raster.ts";
import type { Sprites } from "./sprites.ts";
import { mixed, type Stamp, Stamps } from "./stamps.ts";

/** What is to be painted. */
export interface Scene {
  readonly placed: Placed;
  readonly looks: Looks;
  readonly surface: Surface;
  readonly emphasis: Uint8Array;
  readonly isShown: (index: number) => boolean;
  readonly inSpace: boolean;
  readonly zoom: number;
  readonly sprites: Sprites | undefined;
}

/** In space, sizes and fading come in so many steps from far to near. */
const steps = 8;
const depths = 256;

/** Of more points that matter than these, outlines would be all that one sees. */
const mostOutlined = 300;

/** Paints points: the faint ones below, those that matter on top, and in space the far before the near. */
export class Painter {
  readonly #stamps = new Stamps();
  #raster = new Raster(1, 1);
  #order = new Int32Array(0);
  #colours = "";

  /** @returns the picture, `width` × `height` pixels of the screen, of which `density` make a CSS pixel. */
  paint(scene: Scene, width: number, height: number, density: number): ImageData {
    if (this.#raster.width !== width || this.#raster.height !== height) this.#raster = new Raster(width, height);
    const raster = this.#raster;
    const { placed, emphasis, isShown, surface, looks } = scene;
    // Stamps hold colours: another theme needs others.
    const colours = JSON.stringify([surface, looks.all]);
    if (colours !== this.#colours) this.#stamps.clear();
    this.#colours = colours;
    raster.clear(surface.paper);
    const order = this.#inOrder(scene);
    const radius = radiusOf(placed.x.length, scene.zoom);
    const size = scene.sprites && spriteSize(scene, width / density, height / density);
    let outlined = 0;
    for (const level of emphasis) if (level === strong) outlined++;
    const outline = outlined > mostOutlined ? surface.paper : surface.ink;
    for (const level of [faint, normal, strong]) {
      const edge = level === faint ? undefined : level === strong ? outline : surface.paper;
      const stampsOf = this.#stampsFor(scene, level, edge, radius, density);
      for (let k = 0; k < order.length; k++) {
        const i = order[k]!;
        if (emphasis[i] !== level || !isShown(i)) continue;
        const [x, y] = [placed.x[i]! * density, placed.y[i]! * density];
        if (!(x > -200 && y > -200 && x < width + 200 && y < height + 200)) continue;
        const nearness = scene.inSpace ? Math.round(((placed.depth[i]! + 1) / 2) * (steps - 1)) : steps - 1;
        if (scene.sprites && size) this.#sprite(scene, scene.sprites, i, x, y, size * density, level, nearness);
        else raster.mark(stampsOf(looks.of[i]!, nearness), x - 0.5, y - 0.5);
      }
    }
    return new ImageData(raster.bytes, width, height);
  }

  #stampsFor(scene: Scene, level: number, edge: Colour | undefined, radius: number, density: number) {
    const { surface, looks, inSpace } = scene;
    const found: (readonly Stamp[] | undefined)[] = [];
    return (look: number, nearness: number): readonly Stamp[] => {
      const at = look * steps + nearness;
      found[at] ??= this.#stamps.of(`${look} ${level} ${edge} ${nearness} ${inSpace} ${radius} ${density}`, () => {
        const { colour, shape } = looks.all[look]!;
        const far = inSpace ? 1 - nearness / (steps - 1) : 0;
        const faded = mixed(colour, surface.paper, Math.max(0.62 * far, level === faint ? 0.72 : 0));
        return {
          shape,
          radius: radius * density * (level === strong ? 1.25 : 1) * (inSpace ? 1.2 - 0.5 * far : 1),
          colour: faded,
          edge,
          edgeWidth: density * (edge === surface.ink ? 1 : 0.7),
          opacity: level === faint ? 0.75 : 1,
        };
      });
      return found[at];
    };
  }

  #sprite(
    { looks, surface }: Scene,
    sprites: Sprites,
    index: number,
    x: number,
    y: number,
    size: number,
    level: number,
    nearness: number,
  ): void {
    const closer = 0.75 + (0.25 * nearness) / (steps - 1);
    const wide = Math.max(3, Math.round(size * closer * Math.sqrt(sprites.aspect) * (level === strong ? 1.3 : 1)));
    const high = Math.max(3, Math.round(wide / sprites.aspect));
    const { colour } = looks.all[looks.of[index]!]!;
    const opacity = (level === faint ? 0.22 : 1) * (0.4 + (0.6 * nearness) / (steps - 1));
    this.#raster.sprite(sprites, index, x, y, wide, high, colour, surface.paper, opacity);
    // Strokes are drawn in the colour of the class; a picture has it around itself.
    if (sprites.ink && level !== strong) return;
    const [left, top] = [Math.round(x - wide / 2), Math.round(y - high / 2)];
    if (level !== faint)
      this.#raster.frame(left - 1, top - 1, wide + 2, high + 2, sprites.ink ? surface.border : colour);
  }

  /** All points, in space the far before the near, and otherwise those below before the others. */
  #inOrder({ placed, inSpace, looks: { of, below } }: Scene): Int32Array {
    const count = placed.x.length;
    if (this.#order.length !== count) this.#order = new Int32Array(count);
    if (!inSpace) {
      let k = 0;
      for (let i = 0; i < count; i++) if (of[i] === below) this.#order[k++] = i;
      for (let i = 0; i < count; i++) if (of[i] !== below) this.#order[k++] = i;
      return this.#order;
    }
    const starts = new Int32Array(depths + 1);
    const bin = (i: number) => Math.round(((placed.depth[i]! + 1) / 2) * (depths - 1)) || 0;
    for (let i = 0; i < count; i++) starts[bin(i) + 1]! += 1;
    for (let k = 1; k <= depths; k++) starts[k]! += starts[k - 1]!;
    for (let i = 0; i < count; i++) this.#order[starts[bin(i)]!++] = i;
    return this.#order;
  }
}

/** The radius of a mark in CSS pixels: smaller where there are many, larger when one looks closer. */
export function radiusOf(count: number, zoom: number): number {
  const base = Math.min(5, Math.max(2, 5 - 1.35 * Math.log10(count / 200)));
  const radius = Math.min(9, base * Math.max(0.7, zoom ** 0.22));
  // In steps, so that zooming does not need new stamps with each frame.
  return Math.round(radius * 5) / 5;
}

/** The side of an image in CSS pixels: as many as have room, larger when one looks closer. */
export function spriteSize({ placed, zoom, isShown }: Scene, width: number, height: number): number {
  const count = placed.x.length;
  const base = Math.min(30, Math.max(9, 0.8 * Math.sqrt((width * height) / Math.max(1, count))));
  const wished = Math.min(96, base * Math.max(0.6, zoom ** 0.8));
  let visible = 0;
  for (let i = 0; i < count; i++) {
    const [x, y] = [placed.x[i]!, placed.y[i]!];
    if (x > -50 && y > -50 && x < width + 50 && y < height + 50 && isShown(i)) visible++;
  }
  // Images over images show nothing, and cost time.
  const affordable = Math.sqrt((5 * width * height) / Math.max(1, visible));
  return Math.min(wished, Math.max(8, affordable));
}
