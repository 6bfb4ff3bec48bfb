import { border, ink, lineColour, paper, quiet, rule } from "../../picture/card.ts";
import { hexColour } from "../../picture/colours.ts";
import { paperShade } from "../../picture/paper-shades.ts";
import type { Scheme } from "../frame/scheme.ts";

/** The colours of a drawing. */
export interface Paints {
  readonly scheme: Scheme;
  readonly paper: string;
  readonly ink: string;
  readonly quiet: string;
  readonly rule: string;
  readonly border: string;
  /** Lines between tokens. */
  readonly line: string;
  /** What is pinned. */
  readonly pin: string;
  /** A shade for a place from 0 to 1, and a colour for text upon it. */
  shade(place: number): string;
  upon(place: number): string;
}

/** The colours of a scheme. */
export function paintsFor(scheme: Scheme): Paints {
  const shades = Array.from({ length: 65 }, (_, index) => hexColour(paperShade(scheme, index / 64)));
  return {
    scheme,
    paper: paper[scheme],
    ink: ink[scheme],
    quiet: quiet[scheme],
    rule: rule[scheme],
    border: border[scheme],
    line: lineColour(0)[scheme],
    pin: lineColour(1)[scheme],
    shade: (place) => shades[Math.round(64 * Math.min(1, Math.max(0, place || 0)))]!,
    upon: (place) => (place > 0.45 ? paper : ink)[scheme],
  };
}
