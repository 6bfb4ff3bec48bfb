import type { Key } from "../../random/key.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { type Column, Dataset } from "../dataset.ts";
import { Draws, requireWhole } from "../draws.ts";

const colours = { red: [230, 40, 40], green: [40, 180, 60], blue: [50, 80, 230], yellow: [240, 220, 40] } as const;
const shapes = ["circle", "square", "triangle", "cross"] as const;
const relations = ["above", "below", "left of", "right of"] as const;

export type SceneColour = keyof typeof colours;
export type SceneShape = (typeof shapes)[number];
export type SceneRelation = (typeof relations)[number];

/** A thing in a scene and where it lies, in pixels: from (left, top) up to, but not including, (right, bottom). */
export interface SceneObject {
  readonly colour: SceneColour;
  readonly shape: SceneShape;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What a scene shows and how it is told. */
export interface Scene {
  /** "a red circle above a blue square" */
  readonly caption: string;
  readonly relation: SceneRelation;
  /** In the order in which the caption names them. */
  readonly objects: readonly [SceneObject, SceneObject];
}

export interface Scenes {
  /** `image` float32 `[3, size, size]` from 0 to 1, in the order of `scenes`. */
  readonly examples: Dataset<{ readonly image: Column<"float32"> }>;
  readonly scenes: readonly Scene[];
}

export interface ScenesOptions {
  readonly key: Key;
  readonly count: number;
  /** Pixels along each side; 32 if not said, at least 16. */
  readonly size?: number;
  /** Which scenes are wanted; others are drawn again. So combinations can be held back for a test. */
  readonly keep?: (scene: Scene) => boolean;
}

/**
 * Pictures of two coloured shapes and captions that tell them, drawn at random: four colours, four shapes, four
 * relations. The two things differ in colour or shape.
 *
 * @example
 * ```ts
 * import { data, random } from "gradbook";
 *
 * const { examples, scenes } = data.scenes({ key: random.seed(1), count: 4 });
 * console.log(scenes[0].caption, examples.at(0).image.shape);
 * ```
 */
export function scenes({ key, count, size = 32, keep = () => true }: ScenesOptions): Scenes {
  requireWhole("scenes", "count", count);
  requireWhole("scenes", "size", size, 16);
  const draws = new Draws(key);
  const found: Scene[] = [];
  for (let tried = 0; found.length < count; tried++) {
    if (tried > 1000 * (found.length + 10))
      throw new ArgumentError("scenes", `keep holds for ${found.length} of ${tried} scenes, expected some more often.`);
    const scene = drawScene(draws, size);
    if (scene !== null && keep(scene)) found.push(scene);
  }
  const values = new Uint8Array(count * 3 * size * size);
  found.forEach((scene, i) => {
    paint(values.subarray(i * 3 * size * size, (i + 1) * 3 * size * size), scene, size);
  });
  return {
    examples: new Dataset({ image: { values, shape: [3, size, size], dtype: "float32", scale: 1 / 255 } }),
    scenes: found,
  };
}

/** A scene, or null where two alike were drawn. */
function drawScene(draws: Draws, size: number): Scene | null {
  const kind = () => ({ colour: draws.of(Object.keys(colours) as SceneColour[]), shape: draws.of(shapes) });
  const [a, b] = [kind(), kind()];
  const relation = draws.of(relations);
  // Each lies in its own half, so that the relation is plain.
  const half = Math.floor(size / 2);
  const sideways = relation === "left of" || relation === "right of";
  const place = (second: boolean) => {
    const length = Math.round(draws.uniform(0.28, 0.44) * size);
    const along = (second ? half : 0) + draws.below(half - length + 1);
    const across = draws.below(size - length + 1);
    const [left, top] = sideways ? [along, across] : [across, along];
    return { left, top, right: left + length, bottom: top + length };
  };
  const firstLater = relation === "below" || relation === "right of";
  const objects = [
    { ...a, ...place(firstLater) },
    { ...b, ...place(!firstLater) },
  ] as const;
  if (a.colour === b.colour && a.shape === b.shape) return null;
  const caption = `a ${a.colour} ${a.shape} ${relation} a ${b.colour} ${b.shape}`;
  return { caption, relation, objects };
}

/** Whether a place of the unit square belongs to a shape. */
function covers(shape: SceneShape, x: number, y: number): boolean {
  switch (shape) {
    case "circle":
      return (x - 0.5) ** 2 + (y - 0.5) ** 2 <= 0.25;
    case "square":
      return true;
    case "triangle":
      return Math.abs(x - 0.5) <= y / 2;
    case "cross":
      return Math.abs(x - 0.5) <= 1 / 6 || Math.abs(y - 0.5) <= 1 / 6;
  }
}

/** Paints a scene on grey; edges are smooth: sixteen places in each pixel. */
function paint(pixels: Uint8Array, { objects }: Scene, size: number): void {
  pixels.fill(128);
  for (const { colour, shape, left, top, right, bottom } of objects)
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++) {
        let inside = 0;
        for (let k = 0; k < 16; k++) {
          const px = (x - left + ((k % 4) + 0.5) / 4) / (right - left);
          const py = (y - top + (Math.floor(k / 4) + 0.5) / 4) / (bottom - top);
          inside += covers(shape, px, py) ? 1 / 16 : 0;
        }
        for (let c = 0; c < 3; c++) {
          const at = (c * size + y) * size + x;
          pixels[at] = Math.round(pixels[at]! + inside * (colours[colour][c]! - pixels[at]!));
        }
      }
}
