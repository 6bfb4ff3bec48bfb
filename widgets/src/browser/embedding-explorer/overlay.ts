import { axesOf } from "../../embedding/words.ts";
import type { Explorer } from "./explorer.ts";
import { css, type Surface } from "./looks.ts";
import { placeNames, type Taken } from "./names.ts";
import { nameOf } from "./points.ts";
import type { Placed, Projection } from "./projection.ts";
import type { Corner } from "./region.ts";

const font = (size: number, weight = 400) =>
  `${weight} ${size}px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif`;

/** What is drawn above the points. */
export interface Above {
  readonly placed: Placed;
  readonly projection: Projection;
  readonly surface: Surface;
  /** How far words and rings stay from the middle of a point. */
  readonly clear: number;
  readonly hovered: number | undefined;
  readonly region: readonly Corner[] | undefined;
}

/** The axes' names: along the edges in the plane, at the ends of three lines in space. @returns where they stand */
export function drawAxes(
  context: CanvasRenderingContext2D,
  explorer: Explorer,
  { projection, surface }: Above,
  width: number,
  height: number,
): Taken[] {
  const { isInSpace } = explorer;
  const names = axesOf(explorer.method.value, explorer.model.get("shares"), isInSpace);
  context.font = font(11);
  context.fillStyle = css(surface.quiet);
  context.textBaseline = "alphabetic";
  if (!isInSpace) {
    context.textAlign = "center";
    write(context, names[0], width / 2, height - 8, surface);
    context.save();
    context.translate(14, height / 2);
    context.rotate(-Math.PI / 2);
    write(context, names[1], 0, 0, surface);
    context.restore();
    const [across, up] = [context.measureText(names[0]).width, context.measureText(names[1]).width];
    return [
      { x: (width - across) / 2, y: height - 19, width: across, height: 14 },
      { x: 3, y: (height - up) / 2, width: 14, height: up },
    ];
  }
  const origin = projection.at(0, 0, 0);
  const ends = [projection.at(1.15, 0, 0), projection.at(0, 1.15, 0), projection.at(0, 0, 1.15)];
  return ends.map(({ x, y }, axis) => {
    context.strokeStyle = css(surface.quiet);
    context.lineWidth = 1;
    context.globalAlpha = 0.8;
    context.beginPath();
    context.moveTo(origin.x, origin.y);
    context.lineTo(x, y);
    context.stroke();
    context.globalAlpha = 1;
    const half = context.measureText(names[axis]!).width / 2;
    context.textAlign = "center";
    const inside = Math.max(half + 4, Math.min(width - half - 4, x));
    const line = Math.max(14, Math.min(height - 6, y + (y < origin.y ? -5 : 13)));
    write(context, names[axis]!, inside, line, surface);
    return { x: inside - half, y: line - 11, width: 2 * half, height: 14 };
  });
}

/** Lines from the point in focus to its neighbours, rings around what matters most, the region that is being drawn. */
export function drawMarks(
  context: CanvasRenderingContext2D,
  explorer: Explorer,
  { placed, surface, clear, hovered, region }: Above,
): void {
  const focus = explorer.focus.value;
  if (focus !== null) {
    context.strokeStyle = css(surface.ink);
    context.globalAlpha = 0.35;
    context.lineWidth = 1;
    context.beginPath();
    for (const index of explorer.neighbours?.indices ?? []) {
      if (!explorer.isShown(index)) continue;
      context.moveTo(placed.x[focus]!, placed.y[focus]!);
      context.lineTo(placed.x[index]!, placed.y[index]!);
    }
    context.stroke();
    context.globalAlpha = 1;
    ring(context, placed, focus, clear + 1, css(surface.ink), 2);
  }
  if (hovered !== undefined) ring(context, placed, hovered, clear, css(surface.ink), 1.5);
  if (!region || region.length < 2) return;
  context.beginPath();
  for (const [x, y] of region) context.lineTo(x, y);
  context.closePath();
  context.fillStyle = css(surface.quiet);
  context.globalAlpha = 0.12;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = css(surface.ink);
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.stroke();
  context.setLineDash([]);
}

function ring(
  context: CanvasRenderingContext2D,
  placed: Placed,
  index: number,
  radius: number,
  colour: string,
  width: number,
): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.arc(placed.x[index]!, placed.y[index]!, radius, 0, 2 * Math.PI);
  context.stroke();
}

/** Writes names that do not cover each other. */
export class Names {
  readonly #widths: number[] = [];

  draw(
    context: CanvasRenderingContext2D,
    explorer: Explorer,
    { placed, surface, clear }: Above,
    zoom: number,
    width: number,
    height: number,
    kept: readonly Taken[],
  ): void {
    const { points } = explorer;
    context.font = font(11, 500);
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillStyle = css(surface.ink);
    const names = placeNames({
      order: orderOf(explorer),
      placed,
      clear: clear + 1,
      widthOf: (index) => {
        this.#widths[index] ??= context.measureText(nameOf(points, index)).width;
        return this.#widths[index];
      },
      width,
      height,
      kept,
      most: Math.round((width * height) / 9000) * (1 + Math.max(0, Math.log2(zoom))),
    });
    for (const { index, x, y } of names) write(context, nameOf(points, index), x, y, surface);
  }
}

/** Those that matter first: nobody wants to read the others then. */
function* orderOf(explorer: Explorer): Generator<number> {
  const { points, emphasis, neighbours, hits, selected } = explorer;
  const focus = explorer.focus.value;
  const all = explorer.showNames.value && points.names !== null;
  if (focus !== null) {
    yield focus;
    for (const index of neighbours?.indices ?? []) if (explorer.isShown(index)) yield index;
    return;
  }
  if (!all) return;
  const chosen = explorer.search.value.trim() ? hits : selected;
  if (chosen.length > 0) {
    for (const index of chosen) if (explorer.isShown(index)) yield index;
    return;
  }
  for (let index = 0; index < emphasis.length; index++) if (explorer.isShown(index)) yield index;
}

/** Words with paper around them, so that they can be read above points. */
function write(context: CanvasRenderingContext2D, text: string, x: number, y: number, surface: Surface): void {
  context.strokeStyle = css(surface.paper);
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}
