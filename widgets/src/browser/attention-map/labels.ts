import { visible } from "../../attention/tokens.ts";
import type { Paints } from "./paints.ts";

/** Tokens as they are written beside a map: cut where they are long, and measured. */
export interface Labels {
  readonly texts: readonly string[];
  readonly widths: readonly number[];
  readonly widest: number;
}

/** How labels are set. */
export interface Fonts {
  readonly plain: string;
  readonly bold: string;
}

/** The fonts of labels: that of the view. */
export function fontsOf(element: Element): Fonts {
  const { fontFamily } = getComputedStyle(element);
  return { plain: `11px ${fontFamily}`, bold: `600 11px ${fontFamily}` };
}

let measuring: CanvasRenderingContext2D | undefined;

/** Cuts and measures tokens. */
export function labelsOf(tokens: readonly string[], font: string, room: number): Labels {
  measuring ??= document.createElement("canvas").getContext("2d")!;
  measuring.font = font;
  const known = new Map<string, readonly [string, number]>();
  const measured: (readonly [string, number])[] = [];
  for (const token of tokens) {
    const found = known.get(token) ?? fittedIn(measuring, visible(token), room);
    known.set(token, found);
    measured.push(found);
  }
  const widths = measured.map(([, width]) => width);
  return { texts: measured.map(([text]) => text), widths, widest: widths.reduce((a, b) => Math.max(a, b), 0) };
}

function fittedIn(context: CanvasRenderingContext2D, token: string, room: number): readonly [string, number] {
  let text = token;
  // More letters than can fit need not be tried one by one.
  const letters = [...token].slice(0, 80);
  let { width } = context.measureText(text);
  while (width > room && letters.length > 1) {
    letters.pop();
    text = `${letters.join("")}…`;
    width = context.measureText(text).width;
  }
  return [text, width];
}

/** One label to be drawn. */
export interface Label {
  readonly text: string;
  readonly width: number;
  readonly x: number;
  /** Of its middle. */
  readonly y: number;
  readonly align: "left" | "right" | "center";
  /** Whether the token is in focus. */
  readonly chosen: boolean;
  /** How strong it is for the one in focus, from 0 to 1. */
  readonly weight: number;
  /** Whether it is left out. */
  readonly faint: boolean;
}

/** Draws a token: bold in focus, and with a weight on a ground of its shade. */
export function drawLabel(context: CanvasRenderingContext2D, label: Label, fonts: Fonts, paints: Paints): void {
  const { text, width, x, y, align, chosen, weight, faint } = label;
  const marked = weight > 0.06;
  if (marked) {
    context.fillStyle = paints.shade(weight);
    const start = align === "left" ? x - 3 : align === "right" ? x - width - 3 : x - width / 2 - 3;
    context.beginPath();
    context.roundRect(start, y - 7, width + 6, 14, 3);
    context.fill();
  }
  context.globalAlpha = faint ? 0.45 : 1;
  context.textAlign = align;
  context.textBaseline = "middle";
  context.font = chosen ? fonts.bold : fonts.plain;
  context.fillStyle = marked ? paints.upon(weight) : chosen ? paints.ink : paints.quiet;
  context.fillText(text, x, y);
  context.globalAlpha = 1;
}
