import type { Paint } from "./card.ts";

/**
 * Colours of classes: of all pairs the distance in OKLab is at least 8.8 hundredths to normal, red-blind, green-blind and
 * blue-blind eyes (Machado et al. 2009), on light and on dark paper.
 */
export const classPaints: readonly Paint[] = [
  { name: "class0", light: "#2684c9", dark: "#3679b6" },
  { name: "class1", light: "#cf7d02", dark: "#da7e00" },
  { name: "class2", light: "#29770b", dark: "#92fa76" },
  { name: "class3", light: "#9d2079", dark: "#c43583" },
  { name: "class4", light: "#7642c4", dark: "#ad7bf6" },
  { name: "class5", light: "#683c0a", dark: "#97663c" },
  { name: "class6", light: "#ca4755", dark: "#f8a0b4" },
  { name: "class7", light: "#0cc3dd", dark: "#3ecef7" },
  { name: "class8", light: "#939393", dark: "#e3e3e3" },
  { name: "class9", light: "#bcb73d", dark: "#bdc01b" },
];

/** The colour of points of no class, whose name is an empty text. */
export const classless: Paint = { name: "classless", light: "#c8cdd4", dark: "#454b55" };

/** What a class is called in a legend. */
export function classWords(name: string): string {
  return name === "" ? "no class" : name;
}

/** Shapes of points: when the colours are used up, they start again in another shape. */
export const shapes = ["disc", "square", "triangle", "diamond", "cross"] as const;
export type Shape = (typeof shapes)[number];

/** A class's colour and its shape. */
export function markOf(index: number, name: string): { readonly paint: Paint; readonly shape: Shape } {
  if (name === "") return { paint: classless, shape: "disc" };
  const paint = classPaints[index % classPaints.length]!;
  return { paint, shape: shapes[Math.floor(index / classPaints.length) % shapes.length]! };
}

/** Whether a place, in units of the radius from the middle, is inside a shape. All have about the same area. */
export function isInside(shape: Shape, x: number, y: number): boolean {
  const [across, down] = [Math.abs(x), Math.abs(y)];
  switch (shape) {
    case "disc":
      return x * x + y * y <= 1;
    case "square":
      return across <= 0.89 && down <= 0.89;
    case "triangle":
      return y <= 0.8 && y >= -1.15 && across <= (y + 1.15) * 0.69;
    case "diamond":
      return across + down <= 1.25;
    case "cross":
      return (across <= 0.42 && down <= 1.15) || (down <= 0.42 && across <= 1.15);
  }
}

/** The outline of a shape around the origin as a relative path, for a pen that is there. */
export function outlineOf(shape: Shape, radius: number): string {
  const at = (value: number) => Math.round(value * radius * 10) / 10;
  switch (shape) {
    case "disc":
      return `m${at(-1)} 0a${at(1)} ${at(1)} 0 1 0 ${at(2)} 0a${at(1)} ${at(1)} 0 1 0 ${at(-2)} 0z`;
    case "square":
      return `m${at(-0.89)} ${at(-0.89)}h${at(1.78)}v${at(1.78)}h${at(-1.78)}z`;
    case "triangle":
      return `m0 ${at(-1.15)}l${at(1.345)} ${at(1.95)}h${at(-2.69)}z`;
    case "diamond":
      return `m0 ${at(-1.25)}l${at(1.25)} ${at(1.25)}l${at(-1.25)} ${at(1.25)}l${at(-1.25)} ${at(-1.25)}z`;
    case "cross":
      return `m${at(-0.42)} ${at(-1.15)}h${at(0.84)}v${at(0.73)}h${at(0.73)}v${at(0.84)}h${at(-0.73)}v${at(0.73)}h${at(-0.84)}v${at(-0.73)}h${at(-0.73)}v${at(-0.84)}h${at(0.73)}z`;
  }
}
