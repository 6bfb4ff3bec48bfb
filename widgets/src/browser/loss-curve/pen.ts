/** How a line is drawn. */
export interface Stroke {
  readonly colour: string;
  readonly width: number;
  readonly opacity?: number;
  readonly dash?: readonly number[];
}

/** How an area is filled. */
export interface Fill {
  readonly colour: string;
  readonly opacity?: number;
}

/** How words are written. */
export interface Type {
  readonly colour: string;
  readonly anchor?: "start" | "middle" | "end";
  readonly size?: number;
  readonly bold?: boolean;
}

/** What a chart is drawn with: on a canvas, and in the same way in an SVG file. */
export interface Pen {
  /** A line through points, `x, y, x, y …`; one of NaN lifts the pen. */
  line(points: readonly number[], stroke: Stroke): void;
  rectangle(x: number, y: number, width: number, height: number, fill: Fill): void;
  circle(x: number, y: number, radius: number, fill: Fill | undefined, stroke?: Stroke): void;
  text(x: number, y: number, words: string, type: Type): void;
  /** What is drawn meanwhile lies further down. */
  below(y: number, draw: () => void): void;
  /** What is drawn meanwhile ends at the edges of an area. */
  within(x: number, y: number, width: number, height: number, draw: () => void): void;
}

/** The fonts of views and pictures. */
export const fonts = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

/** The middle of the pixel that a place lies in: a thin straight line there is sharp. */
export const crisp = (place: number) => Math.floor(place) + 0.5;

/** Far outside of every picture; programs that draw get into trouble with larger numbers. */
const farthest = 20_000;

/** The place of a coordinate, as far as programs that draw can follow. */
export const near = (value: number) => Math.max(-farthest, Math.min(farthest, value));
