import { drawLabel, type Fonts, type Labels } from "./labels.ts";
import type { Paints } from "./paints.ts";
import type { Scene } from "./scene.ts";

/** Where the cells of a heat map lie in the whole drawing, and how its labels stand. */
export interface Grid {
  readonly left: number;
  readonly top: number;
  /** The size of a cell. */
  readonly across: number;
  readonly down: number;
  /** The labels of this many rows, or columns, would run into one another: one of them is written. */
  readonly everyRow: number;
  readonly everyColumn: number;
  readonly rows: Labels;
  readonly columns: Labels;
  /** How labels of columns stand: level, leaning or upright. */
  readonly lean: 0 | 45 | 90;
}

interface Edges {
  readonly grid: Grid;
  readonly scene: Scene;
  readonly paints: Paints;
  readonly fonts: Fonts;
  /** Where the corner of the first cell is now. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Draws the tokens at the edges of what can be seen of a heat map, and what the axes are. */
export function drawEdges(context: CanvasRenderingContext2D, edges: Edges): void {
  inside(context, [0, edges.grid.top, edges.grid.left, edges.height], () => drawRows(context, edges));
  inside(context, [edges.grid.left - 4, 0, edges.width, edges.grid.top], () => drawColumns(context, edges));
  const { grid, scene, paints, fonts, y, height } = edges;
  context.font = fonts.plain;
  context.fillStyle = paints.quiet;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(`${scene.state.axes[1]} →`, grid.left, 10);
  const bottom = Math.min(height, y + grid.rows.texts.length * grid.down);
  context.save();
  context.translate(9, (Math.max(grid.top, y) + bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText(`← ${scene.state.axes[0]}`, 0, 0);
  context.restore();
}

function inside(
  context: CanvasRenderingContext2D,
  box: readonly [number, number, number, number],
  draw: () => void,
): void {
  context.save();
  context.beginPath();
  context.rect(...box);
  context.clip();
  draw();
  context.restore();
}

function drawRows(context: CanvasRenderingContext2D, { grid, scene, paints, fonts, y, height }: Edges): void {
  const { top, left, down, everyRow, rows } = grid;
  const { map, focus } = scene;
  const first = Math.max(0, Math.floor((top - y) / down));
  for (let query = first; query < rows.texts.length && y + query * down < height; query++) {
    const chosen = focus?.query === query;
    if (query % everyRow !== 0 && !chosen) continue;
    const [text, width] = [rows.texts[query]!, rows.widths[query]!];
    const faint = map.masked && map.specialQueries[query]!;
    const label = { text, width, x: left - 7, y: y + (query + 0.5) * down, align: "right", chosen, faint } as const;
    if (chosen && everyRow > 1) clear(context, paints, label.x - width - 3, label.y, width + 6);
    drawLabel(context, { ...label, weight: weightFor(scene, query, "query") }, fonts, paints);
  }
}

function drawColumns(context: CanvasRenderingContext2D, { grid, scene, paints, fonts, x, width }: Edges): void {
  const { left, top, across, everyColumn, columns, lean } = grid;
  const { map, focus } = scene;
  const first = Math.max(0, Math.floor((left - x) / across));
  for (let key = first; key < columns.texts.length && x + key * across < width; key++) {
    const chosen = focus?.key === key;
    if (key % everyColumn !== 0 && !chosen) continue;
    context.save();
    context.translate(x + (key + 0.5) * across, top - (lean === 0 ? 9 : 6));
    context.rotate((-lean * Math.PI) / 180);
    const [text, wide] = [columns.texts[key]!, columns.widths[key]!];
    const align = lean === 0 ? "center" : "left";
    const faint = map.masked && map.specialKeys[key]!;
    if (chosen && everyColumn > 1) clear(context, paints, lean === 0 ? -wide / 2 - 3 : -3, 0, wide + 6);
    const weight = weightFor(scene, key, "key");
    drawLabel(context, { text, width: wide, x: 0, y: 0, align, chosen, faint, weight }, fonts, paints);
    context.restore();
  }
}

/** Makes room between labels for one more. */
function clear(context: CanvasRenderingContext2D, paints: Paints, x: number, y: number, width: number): void {
  context.fillStyle = paints.paper;
  context.fillRect(x, y - 8, width, 16);
}

/** With a token in focus, how strong one on the other side is, from 0 to 1; otherwise nothing. */
export function weightFor({ focus, map }: Scene, index: number, side: "query" | "key"): number {
  const other = side === "query" ? focus?.key : focus?.query;
  // A cell in focus marks the keys of its query, and not the queries of its key, too.
  if (other === null || other === undefined || (side === "query" && focus?.query !== null)) return 0;
  const keys = map.example.keys.length;
  const at = side === "query" ? index * keys + other : other * keys + index;
  return map.shown[at] ? map.weights[at]! / map.high : 0;
}
