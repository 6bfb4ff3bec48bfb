import { element } from "./svg.ts";

/** How an element is coloured: light as attributes, which every SVG program reads, and dark by a style sheet. */
export interface Paint {
  readonly name: string;
  readonly light: string;
  readonly dark: string;
}

/** The card itself is opaque, so that the picture can be read on any page. */
export const paper: Paint = { name: "paper", light: "#ffffff", dark: "#17191e" };
export const border: Paint = { name: "border", light: "#e2e5ea", dark: "#30343c" };
export const ink: Paint = { name: "ink", light: "#1f2329", dark: "#e8eaee" };
export const quiet: Paint = { name: "quiet", light: "#626b78", dark: "#a3acb9" };
export const rule: Paint = { name: "rule", light: "#eceef2", dark: "#2a2e36" };
export const warning: Paint = { name: "warning", light: "#c2410c", dark: "#ff9d5c" };

/**
 * Colours of lines: of all pairs the distance in OKLab is at least 9.8 hundredths, of the first four 12, to normal,
 * red-blind, green-blind and blue-blind eyes (Machado et al. 2009), on light and on dark paper.
 */
export const palette: readonly Paint[] = [
  { name: "line0", light: "#176ac0", dark: "#3e9ef8" },
  { name: "line1", light: "#c8520a", dark: "#fd8734" },
  { name: "line2", light: "#1da886", dark: "#0fe1ad" },
  { name: "line3", light: "#963247", dark: "#b269a6" },
  { name: "line4", light: "#d28804", dark: "#fdc145" },
  { name: "line5", light: "#9590ce", dark: "#b7e2fe" },
  { name: "line6", light: "#535283", dark: "#b0b8f3" },
  { name: "line7", light: "#7b6f8b", dark: "#a59f9d" },
];

/** The colour of the n-th line; after the last one the palette starts again, with lines that are broken. */
export function lineColour(index: number): Paint {
  return palette[index % palette.length]!;
}

/** Attributes for an element filled with a colour. */
export function filled(paint: Paint): { readonly class: string; readonly fill: string } {
  return { class: `gradbook-fill-${paint.name}`, fill: paint.light };
}

/** Attributes for an element drawn in lines of a colour. */
export function stroked(paint: Paint): { readonly class: string; readonly stroke: string; readonly fill: string } {
  return { class: `gradbook-stroke-${paint.name}`, stroke: paint.light, fill: "none" };
}

const darkRules = (paints: readonly Paint[]) =>
  paints
    .map(({ name, dark }) => `.gradbook-fill-${name}{fill:${dark}}.gradbook-stroke-${name}{stroke:${dark}}`)
    .join("");
/** The paints of every picture. */
export const ownPaints: readonly Paint[] = [paper, border, ink, quiet, rule, warning, ...palette];

const font = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif';

/** How large a card is, what it shows in words, and which paints it uses beside those above. */
export interface CardOptions {
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly paints?: readonly Paint[];
}

/** A complete SVG: a rounded card with the drawing on it, as wide as it is made or as narrow as the page. */
export function card(size: CardOptions, ...drawing: readonly string[]): string {
  const width = Math.ceil(size.width);
  const height = Math.ceil(size.height);
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": size.label,
      "font-family": font,
      "font-size": 12,
      style: "max-width:100%;height:auto;font-variant-numeric:tabular-nums",
    },
    `<style>@media (prefers-color-scheme:dark){${darkRules([...ownPaints, ...(size.paints ?? [])])}}</style>`,
    element("rect", { ...filled(paper), width, height, rx: 10 }),
    element("rect", { ...stroked(border), x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 9.5 }),
    ...drawing,
  );
}

/** A part of a card, drawn from its corner at 0, 0. */
export interface Part {
  readonly width: number;
  readonly height: number;
  readonly drawing: string;
}
