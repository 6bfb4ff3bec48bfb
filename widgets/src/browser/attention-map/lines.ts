import type { Focus } from "../../attention/example.ts";
import { weightText } from "../../attention/words.ts";
import type { Frame } from "../frame/frame.ts";
import { weightFor } from "./edges.ts";
import { drawLabel, type Fonts, fontsOf, type Labels, labelsOf } from "./labels.ts";
import type { Paints } from "./paints.ts";
import type { Scene } from "./scene.ts";
import { Surface } from "./surface.ts";

/** More lines than that at once are a grey field, and slow. */
export const most = 4000;
/** Levels of opacity; all lines of one are drawn in one stroke. */
const levels = 24;
const head = 26;
const tallest = 520;

interface Columns {
  readonly left: number;
  readonly right: number;
  readonly row: number;
  readonly every: number;
  readonly queries: Labels;
  readonly keys: Labels;
}

/** The tokens in two columns, with lines between them that are as strong as the weights. */
export class Lines {
  readonly surface: Surface;
  readonly #scene: Scene;
  readonly #view: Frame;
  readonly #paints: () => Paints;
  #columns: Columns | undefined;
  #fonts: Fonts | undefined;
  /** Places in the map of the weights that can be seen as lines, strongest first. */
  #order: Int32Array | undefined;

  constructor(place: HTMLElement, scene: Scene, view: Frame, paints: () => Paints) {
    this.#scene = scene;
    this.#view = view;
    this.#paints = paints;
    this.surface = new Surface(
      place,
      (context, seen) => this.#draw(context, seen),
      () => this.layout(),
    );
  }

  /** How many weights are strong enough to be seen as lines. */
  get count(): number {
    return this.#strongestFirst().length;
  }

  #strongestFirst(): Int32Array {
    const { weights, shown, high } = this.#scene.map;
    this.#order ??= strongestFirst(weights, shown, high / (2 * levels));
    return this.#order;
  }

  /** Places everything anew, as for another map. */
  layout(): void {
    const { surface } = this;
    if (surface.room === 0) return;
    const { queries, keys } = this.#scene.map.example;
    this.#fonts = fontsOf(this.#view.root);
    const room = Math.min(150, surface.room / 4);
    const [from, to] = [labelsOf(queries, this.#fonts.bold, room), labelsOf(keys, this.#fonts.bold, room)];
    const longest = Math.max(queries.length, keys.length);
    const fitting = (tallest - head) / longest;
    const row = Math.max(this.#scene.state.fit ? 2 : 15, Math.min(22, fitting));
    const { axes } = this.#scene.state;
    const titles = labelsOf([`${axes[0]} →`, axes[1]], this.#fonts.plain, 200).widths;
    const left = Math.max(from.widest, titles[0]!) + 12;
    // Behind a token there is room for its weight.
    const end = Math.max(to.widest + 70, titles[1]! + 12);
    const right = left + Math.max(90, Math.min(420, surface.room - left - end));
    this.#columns = { left, right, row, every: Math.ceil(12 / row), queries: from, keys: to };
    this.#order = undefined;
    surface.size(Math.min(surface.room, right + end), head + longest * row + 4);
    Object.assign(surface.canvas.dataset, { left: String(left), right: String(right), row: String(row) });
  }

  /** The token at a place. */
  at(event: MouseEvent): Focus | null {
    if (!this.#columns) return null;
    const { x, y, placeY } = this.surface.at(event);
    const { left, right, row } = this.#columns;
    const index = Math.floor((y - head) / row);
    const { queries, keys } = this.#scene.map.example;
    if (placeY < head || index < 0) return null;
    if (x < left + 12) return index < queries.length ? { query: index, key: null } : null;
    if (x > right - 12) return index < keys.length ? { query: null, key: index } : null;
    return null;
  }

  /** Scrolls to a token. */
  reveal({ query, key }: Focus): void {
    const { row } = this.#columns!;
    this.surface.reveal({ x: 0, y: head + (query ?? key ?? 0) * row, width: 1, height: row }, 0, head);
  }

  /** Beside a token, in the place. */
  middle({ query, key }: Focus): { readonly x: number; readonly y: number } {
    const { left, right, row } = this.#columns!;
    const y = head + ((query ?? key ?? 0) + 0.5) * row - this.surface.element.scrollTop;
    return { x: query === null ? right : left, y };
  }

  #draw(context: CanvasRenderingContext2D, seen: { x: number; y: number; width: number; height: number }): void {
    const columns = this.#columns;
    if (!columns) return;
    const paints = this.#paints();
    context.save();
    context.translate(0, -seen.y);
    this.#drawLines(context, seen, columns, paints);
    this.#drawTokens(context, seen, columns, paints);
    context.restore();
    context.fillStyle = paints.paper;
    context.fillRect(0, 0, seen.width, head - 5);
    context.font = this.#fonts!.plain;
    context.fillStyle = paints.quiet;
    context.textBaseline = "middle";
    const { axes } = this.#scene.state;
    context.textAlign = "right";
    context.fillText(`${axes[0]} →`, columns.left - 6, 9);
    context.textAlign = "left";
    context.fillText(axes[1], columns.right + 6, 9);
  }

  #drawLines(
    context: CanvasRenderingContext2D,
    seen: { y: number; height: number },
    { left, right, row }: Columns,
    paints: Paints,
  ): void {
    const { map, focus, state } = this.#scene;
    const keys = map.example.keys.length;
    const [top, bottom] = [seen.y - 2 * row, seen.y + seen.height + 2 * row];
    const paths = Array.from({ length: levels + 1 }, () => new Path2D());
    let drawn = 0;
    for (const at of this.#strongestFirst()) {
      const [query, key] = [Math.floor(at / keys), at % keys];
      if (focus && focus.query !== null && focus.query !== query) continue;
      if (focus && focus.key !== null && focus.key !== key) continue;
      const [from, to] = [head + (query + 0.5) * row, head + (key + 0.5) * row];
      if ((from < top && to < top) || (from > bottom && to > bottom)) continue;
      if (++drawn > most) break;
      const path = paths[Math.ceil(levels * Math.min(1, map.weights[at]! / map.high))]!;
      path.moveTo(left + 2, from);
      path.lineTo(right - 2, to);
    }
    context.strokeStyle = state.pin ? paints.pin : paints.line;
    context.lineWidth = focus ? 2.2 : row < 8 ? 1 : 1.8;
    paths.forEach((path, level) => {
      context.globalAlpha = level / levels;
      context.stroke(path);
    });
    context.globalAlpha = 1;
  }

  #drawTokens(
    context: CanvasRenderingContext2D,
    seen: { y: number; height: number },
    columns: Columns,
    paints: Paints,
  ): void {
    const { left, right, row, every } = columns;
    const { map, focus } = this.#scene;
    const keys = map.example.keys.length;
    for (const side of ["query", "key"] as const) {
      const labels = side === "query" ? columns.queries : columns.keys;
      const special = side === "query" ? map.specialQueries : map.specialKeys;
      const x = side === "query" ? left - 6 : right + 6;
      const first = Math.max(0, Math.floor((seen.y - head) / row) - 1);
      for (let index = first; index < labels.texts.length; index++) {
        const y = head + (index + 0.5) * row;
        if (y > seen.y + seen.height + row) break;
        const chosen = focus?.[side] === index;
        const weight = weightFor(this.#scene, index, side);
        if (index % every !== 0 && !chosen) continue;
        const [text, width] = [labels.texts[index]!, labels.widths[index]!];
        const label = { text, width, x, y, chosen, weight, faint: map.masked && special[index]! };
        drawLabel(context, { ...label, align: side === "query" ? "right" : "left" }, this.#fonts!, paints);
        if (side === "query" || !focus || focus.query === null || weight <= 0.06) continue;
        context.font = this.#fonts!.plain;
        context.fillStyle = paints.quiet;
        context.fillText(weightText(map.weights[focus.query * keys + index]!), x + width + 10, y);
      }
    }
  }

  redraw(): void {
    this.surface.redraw();
  }

  recolour(): void {
    this.redraw();
  }

  end(): void {
    this.surface.end();
  }
}

/** Places of the weights that are shown and not smaller than `least`, by falling weight. */
function strongestFirst(weights: Float32Array, shown: Uint8Array, least: number): Int32Array {
  const places: number[] = [];
  weights.forEach((weight, at) => {
    if (shown[at] && weight >= least) places.push(at);
  });
  return Int32Array.from(places).sort((a, b) => weights[b]! - weights[a]!);
}
