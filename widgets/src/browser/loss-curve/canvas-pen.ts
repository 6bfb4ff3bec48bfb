import { type Fill, fonts, type Pen, type Stroke, type Type } from "./pen.ts";

/** Draws on a canvas. */
export class CanvasPen implements Pen {
  readonly #context: CanvasRenderingContext2D;

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
  }

  line(points: readonly number[], stroke: Stroke): void {
    const context = this.#context;
    context.beginPath();
    let down = false;
    for (let at = 0; at < points.length; at += 2) {
      const [x, y] = [points[at]!, points[at + 1]!];
      if (Number.isNaN(y)) down = false;
      else if (down) context.lineTo(x, y);
      else {
        context.moveTo(x, y);
        // A point between two gaps is a dot.
        context.lineTo(x, y);
        down = true;
      }
    }
    // Nobody sees the corners of a dense line, but round ones take most of the time.
    this.#context.lineJoin = points.length > 800 ? "bevel" : "round";
    this.#stroke(stroke);
  }

  rectangle(x: number, y: number, width: number, height: number, { colour, opacity = 1 }: Fill): void {
    this.#context.globalAlpha = opacity;
    this.#context.fillStyle = colour;
    this.#context.fillRect(x, y, width, height);
    this.#context.globalAlpha = 1;
  }

  circle(x: number, y: number, radius: number, fill: Fill | undefined, stroke?: Stroke): void {
    const context = this.#context;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    if (fill) {
      context.globalAlpha = fill.opacity ?? 1;
      context.fillStyle = fill.colour;
      context.fill();
      context.globalAlpha = 1;
    }
    if (stroke) this.#stroke(stroke);
  }

  text(x: number, y: number, words: string, { colour, anchor = "start", size = 12, bold = false }: Type): void {
    const context = this.#context;
    context.font = `${bold ? "600 " : ""}${size}px ${fonts}`;
    context.fillStyle = colour;
    context.textAlign = anchor === "middle" ? "center" : anchor;
    context.fillText(words, x, y);
  }

  below(y: number, draw: () => void): void {
    this.#context.save();
    this.#context.translate(0, y);
    draw();
    this.#context.restore();
  }

  within(x: number, y: number, width: number, height: number, draw: () => void): void {
    const context = this.#context;
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    draw();
    context.restore();
  }

  #stroke({ colour, width, opacity = 1, dash = [] }: Stroke): void {
    const context = this.#context;
    context.globalAlpha = opacity;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.lineCap = dash.length > 0 ? "butt" : "round";
    context.setLineDash([...dash]);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }
}
