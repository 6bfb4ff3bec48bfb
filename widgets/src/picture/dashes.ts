import { palette } from "./card.ts";

/** Lengths drawn and left out in turn; none for a line that is whole. */
export type Dash = readonly number[];

/**
 * How a line is broken: those of a second metric of a run into dashes, and with dots between them where the colours are
 * used up, so that no two lines look the same.
 */
export function dashOf({ colour, dashed }: { readonly colour: number; readonly dashed: boolean }): Dash {
  const round = Math.floor(colour / palette.length);
  if (round === 0) return dashed ? [5, 4] : [];
  const dots = Array.from({ length: round }, () => [2, 3]).flat();
  return dashed ? [5, 4, ...dots] : [9, 3, ...dots];
}

/** How lines of a second axis are broken. */
export const dotted: Dash = [2, 3];

/** Attributes of a line in an SVG; the round ends of a whole line would fill its gaps. */
export function brokenInto(dash: Dash): { readonly "stroke-linecap": string; readonly "stroke-dasharray"?: string } {
  return dash.length === 0
    ? { "stroke-linecap": "round" }
    : { "stroke-linecap": "butt", "stroke-dasharray": dash.join(" ") };
}
