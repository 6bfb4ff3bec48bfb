import { type Attributes, element, escapeText, linePath } from "../../picture/svg.ts";
import { type Fill, fonts, type Pen, type Stroke, type Type } from "./pen.ts";

/** Draws an SVG. */
export class SvgPen implements Pen {
  #parts: string[] = [];
  #areas = 0;

  /** The file. */
  document(width: number, height: number, label: string): string {
    const frame = {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": label,
      "font-family": fonts,
      "font-size": 12,
    };
    return element("svg", frame, ...this.#parts);
  }

  line(points: readonly number[], stroke: Stroke): void {
    const x = points.filter((_, at) => at % 2 === 0);
    const y = points.filter((_, at) => at % 2 === 1);
    this.#parts.push(element("path", { fill: "none", ...strokeOf(stroke), d: linePath(x, y) }));
  }

  rectangle(x: number, y: number, width: number, height: number, fill: Fill): void {
    this.#parts.push(element("rect", { x, y, width, height, ...fillOf(fill) }));
  }

  circle(cx: number, cy: number, r: number, fill: Fill | undefined, stroke?: Stroke): void {
    const paint = { ...(fill ? fillOf(fill) : { fill: "none" }), ...(stroke && strokeOf(stroke)) };
    this.#parts.push(element("circle", { cx, cy, r, ...paint }));
  }

  text(x: number, y: number, words: string, { colour, anchor = "start", size = 12, bold = false }: Type): void {
    const weight = bold ? { "font-weight": 600 } : {};
    const place = { x, y, "text-anchor": anchor, "font-size": size, fill: colour, ...weight };
    this.#parts.push(element("text", place, escapeText(words)));
  }

  below(y: number, draw: () => void): void {
    const inside = this.#inside(draw);
    this.#parts.push(element("g", { transform: `translate(0 ${y})` }, ...inside));
  }

  within(x: number, y: number, width: number, height: number, draw: () => void): void {
    const id = `area-${++this.#areas}`;
    const inside = this.#inside(draw);
    this.#parts.push(
      element("clipPath", { id }, element("rect", { x, y, width, height })),
      element("g", { "clip-path": `url(#${id})` }, ...inside),
    );
  }

  #inside(draw: () => void): readonly string[] {
    const outside = this.#parts;
    this.#parts = [];
    draw();
    const inside = this.#parts;
    this.#parts = outside;
    return inside;
  }
}

function fillOf({ colour, opacity }: Fill): Attributes {
  return { fill: colour, "fill-opacity": opacity === undefined ? undefined : String(opacity) };
}

function strokeOf({ colour, width, opacity, dash }: Stroke): Attributes {
  return {
    stroke: colour,
    "stroke-width": width,
    "stroke-opacity": opacity === undefined ? undefined : String(opacity),
    "stroke-linejoin": "round",
    "stroke-linecap": dash?.length ? "butt" : "round",
    "stroke-dasharray": dash?.length ? dash.join(" ") : undefined,
  };
}
