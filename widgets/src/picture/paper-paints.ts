import { hexColour } from "./colours.ts";
import { paperShade } from "./paper-shades.ts";
import { element } from "./svg.ts";

/** The last of the shades that a picture of elements has. */
export const lastPaperShade = 32;

/** The shade for a place from 0 to 1. */
export function shadeAt(place: number): number {
  return Math.round(lastPaperShade * Math.min(1, Math.max(0, place)));
}

/** Attributes for an element filled with a shade, as {@link paperShadeStyle} has it on dark paper. */
export function shadeFill(shade: number): { readonly class: string; readonly fill: string } {
  return { class: `gradbook-shade-${shade}`, fill: hexColour(paperShade("light", shade / lastPaperShade)) };
}

/** The style sheet of the shades on dark paper, and of pictures of which there are a light and a dark one. */
export function paperShadeStyle(): string {
  const rules = Array.from(
    { length: lastPaperShade + 1 },
    (_, shade) => `.gradbook-shade-${shade}{fill:${hexColour(paperShade("dark", shade / lastPaperShade))}}`,
  );
  return `<style>@media (prefers-color-scheme:dark){${rules.join("")}.gradbook-on-light{display:none}}</style>`;
}

/** A picture of many cells in both schemes: the light one lies upon the dark one, and is taken away where it is dark. */
export function inBothSchemes(
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  address: (scheme: "light" | "dark") => string,
): string {
  const shape = { ...box, preserveAspectRatio: "none", "image-rendering": "pixelated" };
  return (
    element("image", { ...shape, href: address("dark") }) +
    element("image", { ...shape, class: "gradbook-on-light", href: address("light") })
  );
}
