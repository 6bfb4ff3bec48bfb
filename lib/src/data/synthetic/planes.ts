import type { Key } from "../../random/key.ts";
import { type Column, Dataset } from "../dataset.ts";
import { Draws, requireWhole } from "../draws.ts";

/** Points of a plane, `x` float32 `[2]`, with classes, `label` int32. */
export type Points = Dataset<{ readonly x: Column<"float32">; readonly label: Column<"int32"> }>;

export interface PointsOptions {
  /** Draws the points. */
  readonly key: Key;
  /** Points in all; 200 if not said. */
  readonly count?: number;
  /** Standard deviation of what is added to each coordinate; 0.1 if not said. */
  readonly noise?: number;
}

function points(
  who: string,
  { key, count = 200, noise = 0.1 }: PointsOptions,
  place: (i: number, draws: Draws) => { readonly x: number; readonly y: number; readonly label: number },
): Points {
  requireWhole(who, "count", count);
  const [draws, errors] = [new Draws(key.child("points")), new Draws(key.child("noise"))];
  const values = new Float32Array(2 * count);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const { x, y, label } = place(i, draws);
    values[2 * i] = x + noise * errors.normal();
    values[2 * i + 1] = y + noise * errors.normal();
    labels[i] = label;
  }
  return new Dataset({
    x: { values, shape: [2], dtype: "float32" },
    label: { values: labels, shape: [], dtype: "int32" },
  });
}

/** Exclusive or: points about the corners of the unit square in turn, class 1 where one coordinate alone is 1. */
export function xor(options: PointsOptions): Points {
  return points("xor", options, (i) => {
    const [x, y] = [i & 1, (i >> 1) & 1];
    return { x, y, label: x ^ y };
  });
}

/** Interleaved spirals about the origin, of radius up to 1, the classes in turn. */
export function spirals({
  classes = 2,
  turns = 1.5,
  ...options
}: PointsOptions & { readonly classes?: number; readonly turns?: number }): Points {
  requireWhole("spirals", "classes", classes);
  return points("spirals", { noise: 0.02, ...options }, (i, draws) => {
    const label = i % classes;
    // Evenly along the arm's area rather than its length would thin out the middle.
    const radius = draws.uniform(0.05, 1);
    const angle = 2 * Math.PI * (turns * radius + label / classes);
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), label };
  });
}

/** Two half circles that reach into each other, as scikit-learn's `make_moons`. */
export function moons(options: PointsOptions): Points {
  return points("moons", options, (i, draws) => {
    const label = i % 2;
    const angle = Math.PI * draws.uniform();
    const [x, y] = [Math.cos(angle), Math.sin(angle)];
    return label === 0 ? { x, y, label } : { x: 1 - x, y: 0.5 - y, label };
  });
}

/** A circle within a circle, of radius `factor` (0.5 if not said) and 1. */
export function circles({ factor = 0.5, ...options }: PointsOptions & { readonly factor?: number }): Points {
  return points("circles", options, (i, draws) => {
    const label = i % 2;
    const angle = 2 * Math.PI * draws.uniform();
    const radius = label === 0 ? 1 : factor;
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), label };
  });
}
